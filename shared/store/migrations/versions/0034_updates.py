"""Which subscriptions want to hear of stories whose text really changed."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("updates", sa.Boolean(), nullable=False, server_default=sa.false()))

"""How many mails there are whose end is remembered: tells a copy from the middle of a batch apart."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lineage", sa.Column("mails", sa.Integer(), nullable=False, server_default="0"))

"""What a delivery that failed or waits is about: a mailbox, the mail, us, or the world."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("blame", sa.String(), nullable=False, server_default=""))

"""The accepted block of a listing page, and the one that waits to be accepted."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sources", sa.Column("shape", sa.JSON(), nullable=True))
    op.add_column("sources", sa.Column("proposal", sa.JSON(), nullable=True))

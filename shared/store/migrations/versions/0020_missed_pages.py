"""Documents that a look back could not read: with one of them nothing is proved."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("look_backs", sa.Column("missed", sa.Integer(), server_default="0", nullable=False))

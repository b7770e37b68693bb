"""Notices keep their sentence and its values, so that a page can tell them in the reader's language."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notices", sa.Column("told", sa.JSON(), nullable=True))

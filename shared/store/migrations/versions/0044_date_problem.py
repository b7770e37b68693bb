"""A source knows why its dates do not count."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sources", sa.Column("date_problem", sa.Text(), nullable=True))

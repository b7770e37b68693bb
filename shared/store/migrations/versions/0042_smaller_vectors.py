"""PostgreSQL packs the vectors of the index, where it was built with what can."""

from alembic import op

from shared.archive import search_schema

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    search_schema.create(op.get_bind())

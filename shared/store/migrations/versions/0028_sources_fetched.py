"""What a look for due sources goes by besides their due time."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("sources_fetched", "sources", ["enabled", "last_fetch"])

"""Which matches wait, by how they are brought: news is found at once among many digests that are due."""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_matches_waiting", "matches", ["delivery_id", "every", "due_at"], unique=False)
    op.drop_index("ix_matches_unassigned", table_name="matches")

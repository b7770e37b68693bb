"""Items that were taken out for good."""

import sqlalchemy as sa
from alembic import op

from shared.store.types import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "removed_items",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("item_id"),
    )
    op.create_index("ix_removed_items_story", "removed_items", ["story"], unique=False)
    op.create_index("ix_removed_items_removed_at", "removed_items", ["removed_at"], unique=False)

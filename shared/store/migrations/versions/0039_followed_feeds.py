"""Feeds of searches that somebody follows, and what a hub was told of them."""

import sqlalchemy as sa
from alembic import op

from shared.store.types import UtcDateTime

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "followed_feeds",
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("looked", UtcDateTime(), nullable=True),
        sa.Column("told", sa.String(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("topic"),
    )
    op.create_index(op.f("ix_followed_feeds_asked_at"), "followed_feeds", ["asked_at"], unique=False)

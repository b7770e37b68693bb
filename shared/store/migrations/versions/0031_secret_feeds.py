"""The secret feeds of subscriptions: an address is known by its keyed hash, and stays known after its end."""

import sqlalchemy as sa
from alembic import op

from shared.store.types import UtcDateTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "secret_feeds",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("subscription", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["subscription"], ["subscriptions.id"]),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index(op.f("ix_secret_feeds_subscription"), "secret_feeds", ["subscription"], unique=False)

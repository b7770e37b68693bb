"""Which subscriptions owe their first mail, and whose readers were told of weeks without a find."""

import sqlalchemy as sa
from alembic import op

from shared.store.types import UtcDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("introduce_at", UtcDateTime(), nullable=True))
    op.add_column("subscriptions", sa.Column("told_empty_at", UtcDateTime(), nullable=True))
    op.create_index(op.f("ix_subscriptions_introduce_at"), "subscriptions", ["introduce_at"], unique=False)

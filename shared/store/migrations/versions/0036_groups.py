"""Groups: one wish that an operator owns, and the subscriptions of those whom it was given to."""

import sqlalchemy as sa
from alembic import op

from shared.store.types import UtcDateTime

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "groups",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("every", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("strength", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.add_column("subscriptions", sa.Column("group_name", sa.String(), nullable=True))
    op.create_index(op.f("ix_subscriptions_group_name"), "subscriptions", ["group_name"], unique=False)

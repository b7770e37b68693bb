"""What readers choose for each subscription, and what they need to help themselves."""

import sqlalchemy as sa
from alembic import op

from shared.store.types import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("weekday", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("hour", sa.Integer(), nullable=False, server_default="7"),
        sa.Column("zone", sa.String(), nullable=False, server_default="Europe/Berlin"),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_until", sa.Integer(), nullable=True),
        sa.Column("strength", sa.String(), nullable=False, server_default="more"),
        sa.Column("paused_until", UtcDateTime(), nullable=True),
    ):
        op.add_column("subscriptions", column)
    op.add_column("consents", sa.Column("options", sa.String(), nullable=False, server_default=""))
    op.add_column("consents", sa.Column("proof", sa.Text(), nullable=False, server_default=""))
    op.add_column("deliveries", sa.Column("about", sa.Text(), nullable=False, server_default=""))
    op.add_column("match_subscriptions", sa.Column("sure", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_table(
        "used_links",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint"),
    )
    op.create_index(op.f("ix_used_links_at"), "used_links", ["at"], unique=False)
    op.create_table(
        "address_changes",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_address_changes_person"), "address_changes", ["person"], unique=False)

"""What a subscription found since some match is one look: so its silence is, among a hundred thousand."""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_match_subscriptions_found", "match_subscriptions", ["subscription", "match_id"], unique=False
    )
    op.drop_index("ix_match_subscriptions_subscription", table_name="match_subscriptions")

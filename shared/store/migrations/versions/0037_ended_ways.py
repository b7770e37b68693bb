"""Ways beside the mails are found by when they ended: the journal looks every half second."""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("secret_feeds", "webhooks"):
        op.create_index(op.f(f"ix_{table}_ended_at"), table, ["ended_at"], unique=False)

"""How the mail relay stands to us, and when it last took a mail."""

import sqlalchemy as sa
from alembic import op

from shared.store.types import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_queue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("blame", sa.String(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=True),
        sa.Column("not_before", UtcDateTime(), nullable=True),
        sa.Column("probe", sa.String(), nullable=False),
        sa.Column("probes", sa.Integer(), nullable=False),
        sa.Column("began", UtcDateTime(), nullable=True),
        sa.Column("least", sa.Float(), nullable=False),
        sa.Column("most", sa.Float(), nullable=False),
        sa.Column("run", sa.JSON(), nullable=False),
        sa.Column("limited", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_deliveries_sent_at"), "deliveries", ["sent_at"], unique=False)

"""The text of articles' pages: what is read, what came of it; how far back a source is complete."""

import sqlalchemy as sa
from alembic import op

from shared.store.types import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sources", sa.Column("reads_pages", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("sources", sa.Column("full_text_reason", sa.String(), server_default="", nullable=False))
    op.add_column("sources", sa.Column("browser", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("sources", sa.Column("pages_read", sa.Integer(), server_default="0", nullable=False))
    op.add_column("sources", sa.Column("pages_missed", sa.Integer(), server_default="0", nullable=False))
    op.add_column("sources", sa.Column("page_problem", sa.Text(), nullable=True))
    op.add_column("sources", sa.Column("complete_since", UtcDateTime(), nullable=True))
    op.add_column("items", sa.Column("text_from", sa.String(), server_default="", nullable=False))
    op.add_column("items", sa.Column("text_missing", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "look_backs",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("waiting", sa.JSON(), nullable=False),
        sa.Column("visited", sa.JSON(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("oldest", UtcDateTime(), nullable=True),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("went_on_at", UtcDateTime(), nullable=False),
        sa.Column("ended", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source"),
    )

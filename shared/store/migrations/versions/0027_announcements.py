"""Calls and events that items announce."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "item_announcements",
        sa.Column(
            "item",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("item", "kind"),
        sqlite_with_rowid=False,
    )
    op.create_index("item_announcements_day", "item_announcements", ["kind", "day", "item"])
    for table in ("items", "verdicts"):
        op.add_column(table, sa.Column("announced", sa.JSON(), nullable=False, server_default="[]"))

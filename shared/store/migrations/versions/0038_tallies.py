"""How many items have a value of a field, kept as they are written; what is there is counted beside the work."""

import sqlalchemy as sa
from alembic import op

from shared.archive.tallied import MEMO, VERSION

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "item_tallies",
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("also", sa.String(), nullable=False),
        sa.Column("span", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("other", sa.String(), nullable=False),
        sa.Column("items", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("field", "also", "span", "value", "other"),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    connection.execute(sa.text("DELETE FROM memos WHERE name = :name"), {"name": MEMO})
    if not connection.execute(sa.text("SELECT 1 FROM items LIMIT 1")).first():  # nothing is to be counted
        noted = "INSERT INTO memos (name, text, at) VALUES (:name, :text, CURRENT_TIMESTAMP)"
        connection.execute(sa.text(noted), {"name": MEMO, "text": f"{VERSION}"})

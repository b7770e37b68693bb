"""A place for every item in "newest first", and a smaller index under it; what is there moves beside the work."""

import sqlalchemy as sa
from alembic import op

from shared.archive import search_schema
from shared.archive.renewal import MEMO
from shared.text.analyse import VERSION

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "item_places",
        sa.Column("place", number, autoincrement=False, nullable=False),
        sa.Column("item", number, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sovereignty", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("place"),
        sa.UniqueConstraint("item"),
    )
    connection = op.get_bind()
    search_schema.create(connection)
    if not connection.execute(sa.text("SELECT 1 FROM items LIMIT 1")).first():  # nothing is to be moved
        connection.execute(sa.text("DELETE FROM memos WHERE name = :name"), {"name": MEMO})
        noted = "INSERT INTO memos (name, text, at) VALUES (:name, :text, CURRENT_TIMESTAMP)"
        connection.execute(sa.text(noted), {"name": MEMO, "text": f"{VERSION}"})

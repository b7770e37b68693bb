"""Themes as one number beside an item's place, what was revised last, and on PostgreSQL an index of titles.

A million items take some seconds, their titles a minute or two, in which nothing can be written.
"""

import sqlalchemy as sa
from alembic import op

from shared.archive import search_schema
from shared.archive.theme_bits import BITS

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("item_places", sa.Column("themes", number, nullable=True))
    search_schema.create(op.get_bind())
    revised = sa.text("revision > 1")
    op.create_index("items_revised", "items", ["revised_at"], sqlite_where=revised, postgresql_where=revised)
    each = " ".join(f"WHEN '{theme}' THEN {bit}" for theme, bit in BITS.items())
    op.execute(
        "UPDATE item_places SET themes = (SELECT CASE WHEN count(bit) = count(*) THEN coalesce(sum(bit), 0) END "
        f"FROM (SELECT CASE theme {each} END AS bit FROM item_themes WHERE item = item_places.item) AS those)"
    )

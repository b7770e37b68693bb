"""The newest schema at once, for a database that has none: what all migrations make, one after the other.

A test holds the two against each other on both stores, what stands in the tables included.
"""

from secrets import token_hex

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shared.archive import renewal, search_schema, tallied
from shared.store import packing
from shared.store.schema import VERSIONS, newest
from shared.store.tables import whole_metadata
from shared.text import analyse


def make(connection: Connection) -> None:
    """Make everything. There must be nothing yet."""
    packing.say(connection, packs=True)  # no program from before has been here
    tables = whole_metadata()
    tables.create_all(connection, checkfirst=False)
    search_schema.create(connection)
    key = sa.PrimaryKeyConstraint("version_num", name=f"{VERSIONS}_pkc")  # as Alembic has it
    version = sa.Table(VERSIONS, sa.MetaData(), sa.Column("version_num", sa.String(32), nullable=False), key)
    version.create(connection)
    connection.execute(sa.insert(version), {"version_num": newest()})
    connection.execute(sa.insert(tables.tables["subscriptions_version"]), {"id": 1, "version": 0})
    connection.execute(
        sa.insert(tables.tables["lineage"]), {"id": 1, "store": token_hex(16), "generation": 0, "marked": False}
    )
    memos = sa.insert(tables.tables["memos"]).values(at=sa.func.current_timestamp())
    through = {renewal.MEMO: analyse.VERSION, tallied.MEMO: tallied.VERSION}  # there is nothing to index or count
    connection.execute(memos, [{"name": name, "text": str(version)} for name, version in through.items()])

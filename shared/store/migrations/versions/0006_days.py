"""The day that an item counts for, and the publisher's day where only a day was written."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.engine import Connection

from shared.items import CALENDAR, day_of
from shared.store.types import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CHUNK = 5_000
_ITEMS = sa.table(
    "items", sa.column("id", sa.BigInteger), sa.column("sort_at", UtcDateTime()), sa.column("day", sa.Date)
)


def upgrade() -> None:
    op.add_column("items", sa.Column("published_on", sa.Date(), nullable=True))
    op.add_column("items", sa.Column("day", sa.Date(), nullable=True))
    _fill(op.get_bind())


def _fill(connection: Connection) -> None:
    """Items of before: a day without a time was kept as midnight UTC, which nothing else is by chance."""
    last = 0
    while True:
        page = sa.select(_ITEMS.c.id, _ITEMS.c.sort_at).where(_ITEMS.c.id > last).order_by(_ITEMS.c.id)
        rows = connection.execute(page.limit(CHUNK)).all()
        if not rows:
            return
        set_day = sa.update(_ITEMS).where(_ITEMS.c.id == sa.bindparam("row")).values(day=sa.bindparam("counts"))
        connection.execute(set_day, [{"row": id_, "counts": _day(moment)} for id_, moment in rows])
        last = rows[-1][0]


def _day(moment: datetime) -> object:
    midnight = moment.astimezone(UTC).time() == datetime.min.time()
    return moment.astimezone(UTC).date() if midnight else day_of(None, moment, CALENDAR)

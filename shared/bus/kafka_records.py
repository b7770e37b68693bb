"""Records and moments of the library as ours, and ours as the library's."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from shared.bus import Message, Record

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def record_of(found: Any, prefix: str) -> Record:
    """A record of the library as ours, its topic without the installation's prefix."""
    headers = {name: (value or b"").decode("utf-8", "replace") for name, value in found.headers}
    message = Message((found.key or b"").decode("utf-8", "replace"), found.value, headers)
    at = _EPOCH + timedelta(milliseconds=found.timestamp)
    return Record(found.topic.removeprefix(prefix), found.partition, found.offset, at, message)


def offsets_at(consumer: Any, tps: list[Any], to: datetime) -> Mapping[Any, int]:
    """Partition -> offset of the first record taken at `to` or later, else the end of the log."""
    found = consumer.offsets_for_times(dict.fromkeys(tps, _milliseconds(to)))
    ends = consumer.end_offsets(tps)
    return {tp: found[tp].offset if found.get(tp) else ends[tp] for tp in tps}


def _milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970, rounded up: a record of the same moment is not before it."""
    return -((_EPOCH - moment) // timedelta(milliseconds=1))

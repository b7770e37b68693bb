"""Builders of what the archive takes in, with defaults."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from shared.bus import CLASSIFIED, Record
from shared.events import encode
from shared.items import ClassifiedItem, CollectedItem, Purpose, Reason, Verdict

NOON: Final = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def a_verdict(**fields: Any) -> Verdict:
    return Verdict(
        **{
            "language": "de",
            "scores": {"energy": 0.9},
            "themes": ("energy",),
            "sovereignty": 0.25,
            "franco_german": False,
            "organisations": ("DFKI",),
            "reasons": (Reason(label="energy", passage="Netz", weight=1.0),),
            "model": "lexicon-1",
            **fields,
        }
    )


def a_collected(item_id: str = "one", **fields: Any) -> CollectedItem:
    """An item whose `content_hash` follows from its words."""
    values = {
        "item_id": item_id,
        "source": "dfki",
        "source_name": "Institut A",
        "country": "DE",
        "languages": ("de",),
        "url": f"https://example.org/{item_id}",
        "title": f"Meldung {item_id}",
        "summary": "",
        "text": "Das Netz wächst.",
        "published": NOON,
        "fetched_at": NOON,
        **fields,
    }
    words = "\n".join(str(values[name]) for name in ("title", "summary", "text"))
    return CollectedItem(**{"content_hash": sha256(words.encode()).hexdigest()[:16], **values})


def a_classified(
    item_id: str = "one", *, verdict: Verdict | None = None, at: datetime = NOON, **fields: Any
) -> ClassifiedItem:
    """A collected item with a verdict of `at`; `fields` are the item's."""
    return ClassifiedItem(item=a_collected(item_id, **fields), verdict=verdict or a_verdict(), classified_at=at)


def later(**by: float) -> datetime:
    return NOON + timedelta(**by)


def records(*events: tuple[ClassifiedItem, Purpose], topic: str = CLASSIFIED) -> tuple[Record, ...]:
    """The events as a reader of the bus gives them."""
    return tuple(
        Record(topic, 0, offset, NOON, encode(event, purpose=purpose, stage="classifier", now=NOON))
        for offset, (event, purpose) in enumerate(events)
    )


def live(*events: ClassifiedItem) -> tuple[Record, ...]:
    return records(*((event, Purpose.LIVE) for event in events))


def purposeful(purpose: Purpose, events: Iterable[ClassifiedItem]) -> tuple[Record, ...]:
    return records(*((event, purpose) for event in events))

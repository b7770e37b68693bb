"""Pure. What is posted to a webhook: a CloudEvent in structured JSON, as on the bus."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from shared.archive.export import record
from shared.archive.found import FoundItem
from shared.clock import rfc3339

MATCHED: Final = "org.vigie.story.matched.v1"
TEST: Final = "org.vigie.webhook.test.v1"
SOURCE: Final = "/vigie/notifier"


@dataclass(frozen=True, slots=True)
class Matched:
    """A story that a subscription found: the item that it was found by as it is now, and why.

    `sure`: the item's surest tags alone would have done. `page` is the item's page on the portal.
    """

    subscription: str
    query: str
    story: str
    item: FoundItem
    why: Sequence[Mapping[str, str]]
    sure: bool
    page: str


def matched(id_: str, at: datetime, said: Matched) -> bytes:
    """The event of a story; `at` is when it was found."""
    data = {
        "subscription": said.subscription,
        "query": said.query,
        "story": said.story,
        "item": record(said.item),
        "why": [dict(each) for each in said.why],
        "sure": said.sure,
        "page": said.page,
    }
    return _event(MATCHED, id_, at, said.story, data)


def test(id_: str, at: datetime, subscription: str, query: str) -> bytes:
    """The event that a test button sends: no story, and nothing to be kept."""
    return _event(TEST, id_, at, subscription, {"subscription": subscription, "query": query})


def _event(kind: str, id_: str, at: datetime, subject: str, data: Mapping[str, Any]) -> bytes:
    envelope = {
        "specversion": "1.0",
        "id": id_,
        "source": SOURCE,
        "type": kind,
        "time": rfc3339(at),
        "subject": subject,
        "datacontenttype": "application/json",
        "data": data,
    }
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")

"""Tags collected items: decode, classify, publish to the lane of their purpose. Keeps nothing."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from services.classifier.announced.announce import with_announcements
from services.classifier.meaning import Meant, meant
from services.classifier.model import ClassifiableText, Model
from shared.bus import BULK, CLASSIFIED, Message, Outcome, Record
from shared.bus.consume import Handler
from shared.clock import Clock
from shared.events import decode, encode
from shared.items import ClassifiedItem, CollectedItem, Purpose

log = logging.getLogger(__name__)

STAGE: Final = "classifier"


def handler(model: Model, clock: Clock, meant: Meant = meant) -> Handler:
    """What the classifier's loop calls with each batch. A record that is no collected item is Unprocessable."""

    def handle(batch: Sequence[Record]) -> Outcome:
        return Outcome(publish=tuple(_classified(model, meant, record, clock.now()) for record in batch))

    return handle


def lane(purpose: Purpose) -> str:
    """Only live items may reach a reader's mailbox, so only they take the live lane."""
    return CLASSIFIED if purpose is Purpose.LIVE else CLASSIFIED + BULK


def _classified(model: Model, meant: Meant, record: Record, now: datetime) -> tuple[str, Message]:
    item, purpose = decode(record, CollectedItem)
    verdict = with_announcements(model.classify(ClassifiableText.of(item)), item)
    log.info(
        "classified",
        extra={
            "item": item.item_id,
            "source": item.source,
            "language": verdict.language,
            "themes": verdict.themes,
        },
    )
    data = ClassifiedItem(item=item, verdict=verdict, classified_at=now, meaning=meant(item))
    return lane(purpose), encode(data, purpose=purpose, stage=STAGE, now=now, parent=record.message.headers)

"""Tells operators of sick sources: one mail a day, and none where nobody is sick and nobody became well."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from sqlmodel import Session

from services.collector.sick import Patient, letter
from shared.config import Settings
from shared.locales import Texts, load_texts
from shared.shown_url import text_without_secrets
from shared.sources.catalogue import Kind
from shared.sources.proposals import proposal_of, sick_rows
from shared.sources.refusals import restored
from shared.sources.store import held_counts
from shared.sources.tables import SourceRow
from shared.store import Store, memos
from shared.subscriptions.ledger import enqueue_operator_mail
from shared.telemetry.facts import Weight
from shared.telemetry.finding_sources import of_sources
from shared.telemetry.queries import watched
from shared.telemetry.told import in_words

MEMO: Final = "sources.told"
AT: Final = time(7)  # in the zone of the calendar


def tell(store: Store, settings: Settings) -> bool:
    """Put today's mail into the ledger, if it is time and there is something to say. False where there was not."""
    if not settings.operators:
        return False
    with store.writing() as session:
        now = store.now(session)
        here = now.astimezone(settings.calendar)
        told = _told(memos.read(session, MEMO, lock=True))
        if here.time() < AT or told["day"] == here.date().isoformat():
            return False
        held = held_counts(session)
        patients = [_patient(row, held.get(row.id, 0)) for row in sick_rows(session)]
        language = settings.operators_language
        together = _together(session, language)
        note = letter(patients, told["states"], _texts()[language], settings.calendar, together)
        for recipient in settings.operators if note else ():
            assert note is not None
            key = f"sources/{here.date()}/{sha256(recipient.encode()).hexdigest()[:12]}"
            about = {"key": key, "recipient": recipient, "subject": note.subject, "body": note.body}
            enqueue_operator_mail(session, now, **about, language=language)
        memos.write(session, MEMO, _memo(here, patients), now)
    return note is not None


@cache
def _texts() -> Mapping[str, Texts]:
    return load_texts(Path(__file__).parent / "locales")


def _together(session: Session, language: str) -> list[str]:
    """What is red of many sources at once, as `vigie status` says it."""
    red = (found for found in of_sources(watched(session)) if found.weight is Weight.RED)
    return [text_without_secrets(in_words(found.told, language)) for found in red if found.told]


def _told(memo: memos.MemoRow | None) -> Mapping[str, Any]:
    return json.loads(memo.text) if memo else {"day": "", "states": {}}


def _memo(here: datetime, patients: Sequence[Patient]) -> str:
    states = {one.id: one.state for one in patients if one.sick}
    return json.dumps({"day": here.date().isoformat(), "states": states})


def _patient(row: SourceRow, held: int) -> Patient:
    proposal, refused = proposal_of(row), restored(row.refusals).mails
    return Patient(
        id=row.id,
        name=row.name or row.id,
        state=row.state,
        named=row.named,
        error=text_without_secrets(row.last_error or ""),
        last_success=row.last_success,
        last_new_item=row.last_new_item,
        gap=row.gap,
        searched=row.searched,
        proposal=proposal,
        held=held,
        waits=proposal is not None,
        mailbox=row.kind == Kind.MAILBOX,
        refused=len(refused),
        refusal=refused[0].why if refused else "",
    )

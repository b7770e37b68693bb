"""Builders of letters and mails, with defaults."""

from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Final

from services.notifier.compose import compose
from services.notifier.letters import Entry, Letter, Speaking
from services.notifier.mime import Mail
from services.notifier.templates import load_templates
from shared.subscriptions.keys import Keys
from shared.subscriptions.links import Links
from shared.subscriptions.words import Every, Kind, Why

NOW: Final = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
DELIVERY: Final = "5f0c4f6d9f3b4a0c8f0e7a1b2c3d4e5f"
PERSON: Final = "1f2e3d4c5b6a7988"
LINKS: Final = Links("https://vigie.example.org", Keys((b"a key",), (b"a key for addresses",)))
TEMPLATES: Final = load_templates()


def an_entry(**fields: Any) -> Entry:
    values = {
        "item_id": "one",
        "title": "Neues Stromnetz für die Energiewende",
        "url": "https://www.example.org/netz?id=7&lang=de",
        "source": "Institut A",
        "published": NOW,
        "language": "de",
        "summary": "Der Netzbetreiber baut Leitungen aus.",
        "themes": ("energy",),
        "organisations": ("DFKI",),
        "sovereignty": 0.1,
        "franco_german": False,
        "why": (Why(clause="theme:energy", passage="Stromnetz"),),
        **fields,
    }
    return Entry(**values)


def a_letter(*entries: Entry, **fields: Any) -> Letter:
    values = {
        "delivery": DELIVERY,
        "kind": Kind.INSTANT,
        "language": "de",
        "recipient": "leser@example.org",
        "zone": "Europe/Berlin",
        "day": NOW.date(),
        "person": PERSON,
        "subscriptions": (Speaking("0a1b0a1b0a1b0a1b", "theme:energy", Every.INSTANT),),
        "entries": entries or (an_entry(),),
        **fields,
    }
    return Letter(**values)


def a_digest(*entries: Entry, **fields: Any) -> Letter:
    return a_letter(*entries, kind=Kind.DIGEST, day=date(2026, 3, 1), **fields)


def a_confirmation(**fields: Any) -> Letter:
    return a_letter(**{"kind": Kind.CONFIRM, "subscriptions": (a_wish(),), **fields})


def a_wish(id_: str = "0a1b0a1b0a1b0a1b", query: str = "theme:energy", every: Every = Every.INSTANT) -> Speaking:
    return Speaking(id_, query, every, "de", NOW)


def composed(letter: Letter, sender: str = "Vigie <vigie@example.org>") -> Mail:
    return compose(letter, sender=sender, links=LINKS, templates=TEMPLATES, now=NOW)


def read(mail: Mail) -> EmailMessage:
    """The mail as a reader's program sees it."""
    message: Any = message_from_bytes(mail.as_bytes(), policy=policy.default)  # type: ignore[arg-type]
    return message


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content())

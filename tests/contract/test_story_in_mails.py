"""One event in two languages: one mail, in a digest the reader's language first, the counterpart named."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import select

from services.archivist.write import handler
from services.notifier.gather import letters_of
from services.notifier.letters import Entry, Letter
from shared.archive.store import archived_item
from shared.store import Store
from shared.subscriptions.tables import DeliveryRow
from tests.archived import a_classified, a_verdict, live
from tests.fakes import FakeClock
from tests.mailing import assign_all, ledger, match, subscribe
from tests.meant import says

GERMAN = "Labor für vertrauenswürdige KI gegründet"
FRENCH = "Un laboratoire pour une IA de confiance"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 3, 3, 9, 0, tzinfo=UTC))


def told(store: Store, item_id: str, language: str, title: str, **fields: Any) -> None:
    """The archivist takes the item in, the notifier hears of it."""
    verdict = a_verdict(language=language, organisations=())
    item = a_classified(item_id, verdict=verdict, source=item_id, source_name=item_id, title=title, **fields)
    handler(store)(live(says(item, 1)))
    with store.reading() as session:
        state = archived_item(session, item_id)
    assert state is not None
    match(store, state)


def entries(store: Store) -> list[Entry]:
    """What the mails that wait would say."""
    with store.reading() as session:
        letters = letters_of(session, session.exec(select(DeliveryRow)).all(), store.now(session))
    return [entry for letter in letters.values() if isinstance(letter, Letter) for entry in letter.entries]


def test_the_first_in_whatever_language_goes_at_once_and_its_counterpart_brings_no_second_mail(
    store: Store,
) -> None:
    subscribe(store, query="theme:energy", every="instant", language="de")
    told(store, "cote", "fr", FRENCH)
    assign_all(store)
    told(store, "leuchtturm", "de", GERMAN)
    assign_all(store)
    assert len(ledger(store)) == 1
    (entry,) = entries(store)
    assert (entry.title, [(o.title, o.language) for o in entry.others]) == (FRENCH, [(GERMAN, "de")])


@pytest.mark.parametrize(
    ("language", "first", "other"), [("de", GERMAN, FRENCH), ("fr", FRENCH, GERMAN), ("en", FRENCH, GERMAN)]
)
def test_a_digest_shows_the_language_of_its_reader_first(
    store: Store, clock: FakeClock, language: str, first: str, other: str
) -> None:
    subscribe(store, query="theme:energy", every="daily", language=language)
    told(store, "cote", "fr", FRENCH)
    told(store, "leuchtturm", "de", GERMAN)
    clock.advance(hours=21)
    assign_all(store)
    (entry,) = entries(store)
    assert (entry.title, [o.title for o in entry.others]) == (first, [other])


def test_a_repetition_under_the_same_title_is_named_once(store: Store) -> None:
    subscribe(store, query="theme:energy", every="instant", language="de")
    told(store, "leuchtturm", "de", GERMAN)
    told(store, "agentur", "de", GERMAN)
    told(store, "cote", "fr", FRENCH)
    told(store, "agence", "fr", FRENCH)
    assign_all(store)
    (entry,) = entries(store)
    assert [o.source for o in entry.others] == ["cote"]

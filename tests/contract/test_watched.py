"""The proof of silence, proposals and hubs, on both stores."""

import hmac
from datetime import timedelta

import pytest
from sqlmodel import select

from shared.sources.catalogue import Kind
from shared.sources.hubs import announced, note_asked, pushed, signed, to_ask, verify
from shared.sources.proposals import accept, note_search, proposal_of, to_search
from shared.sources.proposed import Found
from shared.sources.routes import Route
from shared.sources.states import State
from shared.sources.store import source_row
from shared.sources.tables import HubRow, SourceRow
from shared.store import Store
from shared.watched.cover import Gap
from shared.watched.put_right import put_right
from shared.watched.rules import Mark, Proof, Why
from shared.watched.spans import KEPT, known_gaps, note, note_break, note_proof, note_restore, spans, watches
from shared.watched.tables import SpanRow
from tests.fakes import FakeClock

HOUR = timedelta(hours=1)
FEED = "https://www.example.org/feed.xml"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def proof(clock: FakeClock, names: str | None = None) -> Proof:
    marks = None if names is None else tuple(map(Mark, names))
    return Proof(clock.now(), clock.now() + HOUR, FEED, marks)


def test_many_proofs_are_one_row_a_source_and_a_span_is_written_when_one_ends(
    store: Store, clock: FakeClock
) -> None:
    began = clock.now()
    for names in ("cba", None, None, "dcba"):
        with store.writing() as session:
            note(session, {"a": proof(clock, names), "b": proof(clock, names)})
        clock.advance(minutes=50)
    with store.writing() as session:
        note(session, {"a": (Why.FAILING, "503"), "b": proof(clock), "c": (Why.FAILING, "never seen")})
    clock.advance(hours=3)
    with store.writing() as session:
        note(session, {"a": proof(clock), "b": proof(clock, "edc")})
        found = spans(session, began)
        assert set(watches(session)) == {"a", "b"}
        assert [(span.began, span.until, span.why, span.words) for span in found["a"]] == [
            (began, began + timedelta(minutes=150), Why.FAILING, "503")
        ]
        assert [span.why for span in found["b"]] == [Why.LATE]
        assert set(watches(session)["a"].seen) == set("abcd")


def test_the_span_before_the_time_that_is_asked_about_is_known_and_old_ones_are_forgotten(
    store: Store, clock: FakeClock
) -> None:
    with store.writing() as session:
        note_proof(session, "a", proof(clock))
    clock.advance(hours=9)
    with store.writing() as session:
        note_proof(session, "a", proof(clock))
    clock.advance(hours=9)
    with store.reading() as session:
        assert [span.why for span in spans(session, clock.now() - HOUR)["a"]] == [Why.LATE]
    clock.advance(days=KEPT.days + 1)
    with store.writing() as session:
        note_proof(session, "a", proof(clock))
        assert len(session.exec(select(SpanRow)).all()) == 1


def test_a_restore_ends_every_watch(store: Store, clock: FakeClock) -> None:
    with store.writing() as session:
        note(session, {"a": proof(clock), "b": proof(clock)})
        note_restore(session)
    clock.advance(seconds=5)
    with store.writing() as session:
        note_proof(session, "a", proof(clock))
        assert [span.why for span in spans(session, clock.now() - HOUR)["a"]] == [Why.RESTORED]


def test_gaps_that_come_again_are_kept(store: Store, clock: FakeClock) -> None:
    began = clock.now()
    with store.writing() as session:
        note_proof(session, "a", proof(clock))
        note_break(session, "a", Why.FAILING, "503")
    clock.advance(hours=5)
    with store.writing() as session:
        note_proof(session, "a", proof(clock))
    with store.writing() as session:
        put_right(session, began - HOUR, 6 * HOUR)
        kept = known_gaps(session, began - HOUR, began + 9 * HOUR)
    assert kept == (Gap("a", began, began + 5 * HOUR, Why.FAILING, "503"),)


def a_source(store: Store, clock: FakeClock, **fields: object) -> None:
    with store.writing() as session:
        session.add(SourceRow(id="haus", origin="operator", url=FEED, next_due=clock.now() + HOUR, **fields))


def test_what_died_is_searched_for_once_a_week_and_accepted_by_a_person(store: Store, clock: FakeClock) -> None:
    a_source(store, clock, state=State.FAILING.value, last_success=clock.now() - timedelta(days=2))
    with store.reading() as session:
        assert to_search(session, clock.now()) is None
    clock.advance(days=1.5)
    found = Found(Route(Kind.FEED, "https://www.example.org/neu.xml"), "Haus", 7, clock.now())
    with store.writing() as session:
        row = to_search(session, clock.now())
        assert row is not None
        note_search(session, row.id, found, clock.now())
    with store.writing() as session:
        assert to_search(session, clock.now()) is None
        proposal = proposal_of(source_row(session, "haus"))
        assert proposal is not None
        assert proposal.found == found
        accept(session, "haus", clock.now())
    with store.reading() as session:
        row = source_row(session, "haus")
        assert (row.url, row.found, row.state) == ("https://www.example.org/neu.xml", None, "new")


def test_a_hub_is_asked_once_and_its_signed_push_makes_the_source_due(store: Store, clock: FakeClock) -> None:
    a_source(store, clock, last_fetch=clock.now())
    with store.writing() as session:
        announced(session, {"haus": ("https://hub.example.org/", FEED)})
        announced(session, {"haus": ("https://hub.example.org/", FEED)})
        (row,) = to_ask(session, clock.now())
        note_asked(session, "haus", clock.now(), taken=True)
    token, secret = row.token, row.secret
    clock.advance(minutes=10)
    with store.writing() as session:
        assert to_ask(session, clock.now()) == []
        assert not verify(session, token, "https://www.example.org/fremd", None, clock.now())
        assert verify(session, token, FEED, 3600, clock.now())
    with store.writing() as session:
        right = f"sha256={hmac.new(secret.encode(), b'x', 'sha256').hexdigest()}"
        assert signed(secret, b"x", right)
        assert not pushed(session, token, b"y", right, clock.now(), 60)
        assert pushed(session, token, b"x", right, clock.now(), 60)
    with store.reading() as session:
        assert source_row(session, "haus").next_due == clock.now()
        held = session.get(HubRow, "haus")
        assert held is not None
        assert (held.state, held.lease_until) == ("verified", clock.now() + HOUR)

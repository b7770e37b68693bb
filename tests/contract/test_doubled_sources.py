"""One address, one source: however an address is written, and whoever proposes it."""

import pytest

from shared.errors import Conflict
from shared.sources.catalogue import Kind, SourceConfig
from shared.sources.proposals import accept, accept_marked, note_search, proposal_of, waiting
from shared.sources.proposed import Found
from shared.sources.routes import Route
from shared.sources.states import State
from shared.sources.store import add_source, source_row
from shared.store import Store
from tests.fakes import FakeClock

FEED = "https://www.example.org/feed.xml"
NEWS = Found(Route(Kind.FEED, "http://www.example.org/feed.xml"), "Haus", 7, None)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def two(store: Store, clock: FakeClock) -> None:
    """A source that is read at FEED, and one whose own address died."""
    with store.writing() as session:
        for id_, url in (("haus", FEED), ("labor", "https://www.example.org/labor.xml")):
            add_source(session, SourceConfig(id_, Kind.FEED, url), clock.now())


@pytest.mark.parametrize("url", [FEED, FEED + "?utm_source=opml", "HTTP://WWW.example.org:80/feed.xml#top"])
@pytest.mark.usefixtures("two")
def test_an_address_that_is_read_is_not_added_again_however_it_is_written(
    store: Store, clock: FakeClock, url: str
) -> None:
    with store.writing() as session, pytest.raises(Conflict, match="haus"):
        add_source(session, SourceConfig("neu", Kind.FEED, url), clock.now())


@pytest.mark.usefixtures("two")
def test_what_another_source_reads_is_not_proposed_in_place_of_one_that_died(
    store: Store, clock: FakeClock
) -> None:
    with store.writing() as session:
        note_search(session, "labor", NEWS, clock.now())
        row = source_row(session, "labor")
        assert (row.searched is not None, proposal_of(row)) == (True, None)
        note_search(session, "haus", NEWS, clock.now())
        assert proposal_of(source_row(session, "haus")) is not None, "its own address is nobody else's"


def test_two_sources_that_moved_to_one_address_do_not_both_go_there(store: Store, clock: FakeClock) -> None:
    with store.writing() as session:
        add_source(session, SourceConfig("labor", Kind.FEED, "https://www.example.org/labor.xml"), clock.now())
        row = source_row(session, "labor")
        row.state, row.moved_to = State.MOVED.value, FEED
        session.add(row)
    with store.writing() as session:
        (seen,) = waiting(session)
        add_source(session, SourceConfig("haus", Kind.FEED, FEED), clock.now())
    with store.writing() as session:
        assert waiting(session) == (), "nothing that could be accepted"
        assert not accept_marked(session, "labor", seen.mark, clock.now())
        with pytest.raises(Conflict, match=r"as haus.*pause labor"):
            accept(session, "labor", clock.now())

"""The words of pages in the archive: they came with a content hash, and stay with it."""

import pytest

from shared.archive import search as reading
from shared.archive.shelf import Change
from shared.archive.store import write
from shared.items import Purpose
from shared.store import Store
from tests.archived import NOON, a_classified, later
from tests.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


def test_words_stay_with_their_hash_when_their_event_comes_again_without_the_page(store: Store) -> None:
    words = {"content_hash": "h", "summary": "Kurz."}
    first = a_classified(**words, text="Die Quecksilberwaage.", text_from="page")
    again = a_classified(**words, text="", text_missing="404", fetched_at=later(minutes=1))
    with store.writing() as session:
        write(session, first, Purpose.LIVE, NOON)
        assert write(session, again, Purpose.LIVE, later(minutes=1)).changes == {Change.RESTATED}
    with store.reading() as session:
        kept = reading.item(session, "one")
        assert kept is not None
        assert (kept.revision, kept.text, kept.text_from) == (1, "Die Quecksilberwaage.", "page")
        assert [one.item_id for one in reading.search(session, "quecksilberwaage").items] == ["one"]

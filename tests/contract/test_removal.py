"""What was taken out of the archive is gone, says so, and stays out, whichever database it lived in."""

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import inspect, select
from sqlmodel import Session, SQLModel

from services.archivist.app import build
from services.archivist.write import handler
from shared.archive import search as reading
from shared.archive.corrections import correct
from shared.archive.kept_out import keep_out, list_beside, remember
from shared.archive.removal import (
    Because,
    Removal,
    Removed,
    last_removal,
    refuse_removed,
    refuse_removed_story,
    remove,
    removed_items,
)
from shared.archive.store import write
from shared.archive.stories import LOCK, merge, root_story
from shared.archive.tables import RemovedItemRow
from shared.bus.sqlite import SqliteBus
from shared.config import Settings
from shared.errors import Gone, JournalUnavailable
from shared.items import ClassifiedItem, Purpose
from shared.sources.store import forget_words
from shared.sources.tables import HeldEntry, SeenEntry
from shared.store import Store
from tests.archived import NOON, a_classified, later, live
from tests.fakes import FakeClock

WORDS = "Zitronenfalter"  # stands in every text of the item, and nowhere else


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(later(hours=2))


def put(store: Store, *events: ClassifiedItem, purpose: Purpose = Purpose.LIVE) -> None:
    with store.writing() as session:
        for event in events:
            write(session, event, purpose, store.now(session))


def take_out(store: Store, item_id: str, reason: Because = Because.REQUEST, note: str = "") -> Removal:
    with store.writing() as session:
        store.serialise(session, LOCK)
        return remove(session, item_id, reason, store.now(session), note)


def an_item(item_id: str = "falter", **fields: object) -> ClassifiedItem:
    words = {"title": f"{WORDS} {item_id}", "summary": WORDS, "text": f"{WORDS} fliegen."}
    return a_classified(item_id, **{**words, **fields})


def rows_that_hold(session: Session, *words: str) -> list[str]:
    """The tables of the model, and the index, in which one of the words stands."""
    found = []
    for table in inspect(session.connection()).get_table_names():
        sqlite = session.get_bind().dialect.name == "sqlite"  # its index and the engine's pages can only be asked
        if sqlite and table.startswith(("item_search_", "item_words")):
            continue
        mapped = SQLModel.metadata.tables.get(table)
        rows = session.execute(select(mapped) if mapped is not None else _everything(table)).all()
        if any(word.lower() in str(row).lower() for row in rows for word in words):
            found.append(table)
    return sorted(found)


def _everything(table: str) -> object:
    from sqlalchemy import text

    return text(f'SELECT * FROM "{table}"')


def test_nothing_of_its_words_stays_anywhere(store: Store) -> None:
    put(store, an_item(), an_item(text=f"{WORDS} schlafen.", fetched_at=later(hours=1)), a_classified("other"))
    with store.writing() as session:
        correct(session, "falter", {"energy": 0.0}, NOON, note=WORDS)
        held = HeldEntry(source="dfki", entry_key="k", item_id="falter", title=WORDS, held_at=NOON, collected={})
        seen = SeenEntry(
            source="dfki",
            entry_key="k",
            item_id="falter",
            title=WORDS,
            content_hash="h",
            purpose="live",
            first_at=NOON,
        )
        session.add_all((held, seen))
    with store.reading() as session:
        assert {"items", "revisions", "held_entries", "corrections", "seen_entries"} <= set(
            rows_that_hold(session, WORDS)
        )
    with store.writing() as session:
        forget_words(session, ["falter"])
    removal = take_out(store, "falter", note="Brief vom 3. März")
    assert (removal.was_there, removal.title) == (True, f"{WORDS} falter")
    with store.reading() as session:
        assert rows_that_hold(session, WORDS, WORDS[:8]) == []
        assert rows_that_hold(session, "falter") == ["removed_items", "seen_entries"]
        assert [item.item_id for item in reading.search(session).items] == ["other"]
        assert reading.search(session, WORDS).count == 0
        assert reading.counts_by_theme(session) == {"energy": 1}
        (kept,) = removed_items(session)
        assert (kept.item_id, kept.reason, kept.note) == ("falter", Because.REQUEST, "Brief vom 3. März")
        assert last_removal(session) == kept.removed_at == later(hours=2)


@pytest.mark.parametrize("purpose", list(Purpose))
def test_neither_a_later_poll_nor_an_import_nor_a_replay_brings_it_back(store: Store, purpose: Purpose) -> None:
    put(store, an_item())
    take_out(store, "falter", Because.PUBLISHER)
    put(store, an_item(), an_item(text="anders", fetched_at=later(hours=1)), purpose=purpose)
    put(store, an_item(source="inria"), purpose=purpose)
    with store.reading() as session:
        assert reading.item(session, "falter") is None
        assert rows_that_hold(session, WORDS) == []


def test_the_archivist_tells_nobody_of_it_and_goes_on(store: Store) -> None:
    take_out(store, "falter")
    told = handler(store)(live(an_item(), a_classified("other"))).publish
    assert [message.key for _, message in told] == ["other"]


def test_it_says_why_it_is_gone_and_the_first_reason_stands(store: Store) -> None:
    put(store, an_item())
    take_out(store, "falter", Because.LAW)
    again = take_out(store, "falter", Because.MISTAKE)
    assert (again.was_there, again.removed.reason) == (False, Because.LAW)
    with store.reading() as session:
        with pytest.raises(Gone) as gone:
            refuse_removed(session, "falter")
        assert (gone.value.reason, gone.value.at) == (Because.LAW, later(hours=2))
        refuse_removed(session, "other")


def test_a_story_whose_first_item_is_gone_goes_on_under_its_id(store: Store) -> None:
    put(store, an_item("a"), a_classified("b"), a_classified("c"))
    with store.writing() as session:
        merge(session, ["a", "b"], NOON)
    assert take_out(store, "a").siblings == ["b"]
    with store.writing() as session:
        assert [item.item_id for item in reading.story(session, "a")] == ["b"]
        assert merge(session, [root_story(session, "b"), "c"], NOON) == "a"
        assert [item.item_id for item in reading.story(session, "c")] == ["b", "c"]


def test_a_story_of_which_all_is_gone_says_so_under_each_of_its_ids(store: Store) -> None:
    put(store, an_item("a"), an_item("b", title="b"))
    with store.writing() as session:
        merge(session, ["a", "b"], NOON)
    take_out(store, "a")
    take_out(store, "b", Because.PUBLISHER)
    with store.reading() as session:
        for story in ("a", "b"):
            assert reading.story(session, story) == ()
            with pytest.raises(Gone):
                refuse_removed_story(session, story)
        refuse_removed_story(session, "other")


def test_an_id_is_kept_out_before_it_ever_came(store: Store) -> None:
    assert take_out(store, "falter").was_there is False
    put(store, an_item(), a_classified("other"))
    with store.reading() as session:
        assert reading.item(session, "falter") is None
        assert reading.search(session).count == 1
        assert session.get(RemovedItemRow, "falter") is not None


# ---- after a restore


def test_a_database_that_was_put_back_forgets_it_again(store: Store, tmp_path: Path) -> None:
    """The list has what was taken out since the backup; a line that a crash cut off is passed over."""
    path = list_beside(tmp_path / "elsewhere" / "data.journal")
    assert keep_out(store, path) == 0
    remember(path, [Removed("falter", "falter", Because.LAW, "for operators", later(hours=1))])
    with path.open("a") as file:
        file.write('{"item_id": "oth')
    put(store, an_item(), a_classified("other"))  # as the backup has them
    assert keep_out(store, path) == 1
    with store.reading() as session:
        assert [item.item_id for item in reading.search(session).items] == ["other"]
        (kept,) = removed_items(session)
        assert (kept.item_id, kept.reason, kept.removed_at) == ("falter", Because.LAW, later(hours=1))
    assert keep_out(store, path) == 0
    assert "for operators" not in path.read_text("utf-8")


def test_the_archivist_looks_at_the_list_when_it_starts(store: Store, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    remember(list_beside(settings.journal_path), [Removed("falter", "falter", Because.LAW, "", NOON)])
    put(store, an_item())
    with closing(SqliteBus(tmp_path / "bus.db", FakeClock(NOON))) as bus:
        archivist = build(settings, store, bus, FakeClock(NOON))
        (loop,) = (loop for loop in archivist.loops if loop.name == "archivist.removed")
        loop.turn()
    with store.reading() as session:
        assert reading.item(session, "falter") is None


def test_a_list_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalUnavailable, match="removed"):
        remember(tmp_path / "file" / "list", [])

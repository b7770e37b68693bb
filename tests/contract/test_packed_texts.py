"""An embedded archive keeps long texts packed, and nobody who reads it can tell."""

import random
from argparse import Namespace

import pytest
from sqlalchemy import text

from services.cli.packing import pack
from shared.archive import packing as archive
from shared.archive.excerpts import RESERVED, words_of
from shared.archive.search import every, item, search
from shared.archive.store import write
from shared.items import Purpose
from shared.store import Store
from shared.store.packing import packed, unpacked
from shared.themes import themes
from tests.archived import NOON, a_classified, a_verdict, later
from tests.fakes import FakeClock

LONG = "Das Netz trägt den Strom von der Küste in die Städte. " * 40
OTHER = "Le réseau porte le courant de la côte jusque dans les villes. " * 40


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


def kept(store: Store) -> dict[str, str]:
    """How the database has the text of each item."""
    with store.reading() as session:
        rows = session.connection().execute(text("SELECT item_id, typeof(text) FROM items"))
        return dict(map(tuple, rows))


def run_through(store: Store, *, packs: bool) -> int:
    done, below = 0, None
    while numbers := archive.step(store, below, packs=packs):
        done, below = done + len(numbers), numbers[-1]
    return done


@pytest.fixture
def filled(store: Store) -> Store:
    with store.writing() as session:
        for number, said in enumerate((LONG, OTHER, "Kurz.")):
            event = a_classified(
                f"i{number}", title="Strom", text=said, summary="", published=later(minutes=number)
            )
            write(session, event, Purpose.LIVE, store.now(session))
        again = a_classified(
            "i0", title="Strom", text=OTHER, summary="", content_hash="b", fetched_at=later(hours=1)
        )
        write(session, again, Purpose.LIVE, store.now(session))
    return store


def shown(store: Store) -> list[tuple[str, str, str]]:
    """What lists, pages and excerpts say of all items."""
    with store.reading() as session:
        found = search(session, "strom").items
        whole = [item(session, one.item_id) for one in found]
        bodies = words_of(session, [one.item_id for one in found])
    return [
        (one.summary, full.text if full else "", bodies[one.item_id].body)
        for one, full in zip(found, whole, strict=True)
    ]


def test_a_text_comes_back_as_it_was_and_the_beginning_of_what_is_kept_is_its_beginning(
    dice: random.Random,
) -> None:
    letters = "abc dé\nß€𝄞"
    for _ in range(200):
        said = "".join(dice.choices(letters, k=dice.randrange(0, 900)))
        small = packed(said)
        assert unpacked(small) == said
        assert said.startswith(unpacked(small[: dice.randrange(1, 900)]))


def test_a_new_embedded_archive_packs_and_shows_what_one_shows_that_does_not(filled: Store) -> None:
    expected = shown(filled)
    assert [full for _, full, _ in expected] == ["Kurz.", OTHER, OTHER]
    assert all(RESERVED // 2 < len(summary) <= RESERVED for summary, _, _ in expected[1:])
    assert [one.summary for one in every(filled, "strom")] == [summary for summary, _, _ in expected]
    if not filled.sqlite:
        return
    assert kept(filled) == {"i0": "blob", "i1": "blob", "i2": "text"}
    assert run_through(filled, packs=False) == 2
    assert set(kept(filled).values()) == {"text"}
    assert shown(filled) == expected


def test_an_archive_of_an_earlier_program_packs_when_it_is_told_and_goes_on_where_it_was(filled: Store) -> None:
    if not filled.sqlite:
        return
    expected = shown(filled)
    run_through(filled, packs=False)
    with filled.reading() as session:
        assert archive.left(session, packs=True) == 2
    with filled.writing() as session:
        write(
            session,
            a_classified("new", title="Strom", text=LONG, published=later(hours=-1)),
            Purpose.LIVE,
            filled.now(session),
        )
    assert kept(filled)["new"] == "text"  # what the earlier program can read
    assert run_through(filled, packs=True) == 3
    assert run_through(filled, packs=True) == 0
    with filled.reading() as session:
        assert archive.left(session, packs=True) == 0
        earlier = session.connection().execute(text("SELECT typeof(text) FROM revisions")).scalars().all()
    assert earlier == ["blob"]
    assert shown(filled)[:3] == expected
    archive.put_together(filled, first=True)
    assert shown(filled)[:3] == expected


def test_scores_are_packed_with_the_texts_and_read_as_they_were(store: Store) -> None:
    scores = {theme: number / 16 for number, theme in enumerate(themes())}
    said = {"i0": scores, "i1": {"energy": 0.5}, "i2": {**scores, "energy": 1 / 3}}
    with store.writing() as session:
        for item_id, some in said.items():
            event = a_classified(item_id, title="Strom", text="Kurz.", verdict=a_verdict(scores=some))
            write(session, event, Purpose.LIVE, store.now(session))
    for packs in (True, False, True):
        if store.sqlite:
            run_through(store, packs=packs)
        with store.reading() as session:
            assert {found.item_id: found.scores for found in search(session, "strom").items} == said
            assert {item_id: item(session, item_id).scores for item_id in said} == said  # type: ignore[union-attr]
            for table in ("items", "verdicts") if store.sqlite else ():
                kinds = session.connection().execute(text(f"SELECT item_id, typeof(scores) FROM {table}"))
                assert dict(map(tuple, kinds)) == {"i0": "blob" if packs else "text", "i1": "text", "i2": "text"}


def test_the_command_says_how_many_and_goes_both_ways(filled: Store, capsys: pytest.CaptureFixture[str]) -> None:
    for undo, said in ((True, "2 items are kept as they are"), (False, "2 items are packed")):
        assert pack(filled, Namespace(undo=undo, json=False)) == 0
        assert capsys.readouterr().out.startswith(said if filled.sqlite else "PostgreSQL packs")


def test_a_server_packs_the_vectors_of_the_index_where_it_can(store: Store) -> None:
    if store.sqlite:
        return
    said = " ".join(f"wort{number}" for number in range(400))
    with store.writing() as session:
        write(session, a_classified("i0", text=said), Purpose.LIVE, store.now(session))
        connection = session.connection()
        asked = "SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"
        kept = connection.execute(text("SELECT pg_column_compression(words) FROM item_words")).scalar_one()
        assert (kept == "lz4") == connection.execute(text(asked)).scalar_one()

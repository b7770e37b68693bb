"""What is looked up and folded only where it can matter changes no decision."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Final

from sqlmodel import Session, col, select

from services.collector.decide import Known, Plan, SourceFacts, decide
from services.collector.entries import ParsedEntry
from services.collector.identify import Identified, _day, _Kept, _kept, _without_doubles, identify
from services.collector.memory import _known, known_entries, remember
from shared.sources.tables import SeenEntry
from tests.fakes import FakeClock, a_store

SITE: Final = "https://www.example.org/"
TITLES: Final = (
    "Neues aus dem Institut für Wärme",
    "Neues aus dem Institut für Wärme – Update",
    "Wochenbericht",
    "Ein Netz für drei Städte, das im Winter heizt",
    "",
)
TEXTS: Final = (
    "Das Institut prüft in drei Städten ein Wärmenetz, das Strom aus Wind speichert und im Winter heizt.",
    "Das Institut prüft in drei Städten ein Netz, das Strom aus Wind speichert und im Winter auch heizt.",
    "Mehr dazu",
    "",
)
NOW: Final = FakeClock().now()


def an_entry(dice: Random) -> ParsedEntry:
    moment = NOW - timedelta(hours=dice.choice((1, 2, 30, 80)))
    return ParsedEntry(
        guid=dice.choice((*"abcdef", None, "n/a")),
        url=dice.choice((*(f"{SITE}{name}" for name in "abcd"), None)),
        title=dice.choice(TITLES),
        summary=dice.choice(TEXTS),
        published=dice.choice((moment, moment, moment, None)),
        place=dice.choice(("", "", "a", "b")),
    )


def a_document(dice: Random, before: list[ParsedEntry]) -> list[ParsedEntry]:
    """Some of the last one, and some that is new."""
    kept = [entry for entry in before if dice.random() < 0.7]
    return [an_entry(dice) for _ in range(dice.randrange(4))] + kept


def under_any_name(session: Session, source: str, entries: tuple[Identified, ...]) -> list[Known]:
    """The whole seen-set of the source; what the document calls by key comes first."""
    keys = {entry.entry_key for entry in entries}
    rows = session.exec(select(SeenEntry).where(col(SeenEntry.source) == source)).all()
    return [
        _known(row)
        for row in sorted(rows, key=lambda row: (row.entry_key not in keys, row.first_at, row.entry_key))
    ]


def test_a_decision_is_the_same_as_with_the_whole_seen_set(tmp_path: Path, dice: Random) -> None:
    plans: list[Plan] = []
    with closing(a_store(tmp_path, FakeClock())) as store, store.writing() as session:
        for number in range(40):
            source, document = f"haus-{number}", [an_entry(dice) for _ in range(4)]
            for poll in range(4):
                now = NOW + timedelta(hours=poll)
                facts = SourceFacts(source, last_success=now - timedelta(hours=1) if poll else None)
                entries = identify(document, source, (SITE,))
                made = decide(entries, known_entries(session, source, entries), facts, now)
                assert made == decide(entries, under_any_name(session, source, entries), facts, now)
                remember(session, [(source, made.remember)], now)
                plans.append(made)
                document = a_document(dice, document)
    assert sum(made.unchanged for made in plans) > 20
    assert sum(made.changed for made in plans) > 5
    assert sum(len(made.held) for made in plans) > 5


def each_once(found: list[_Kept]) -> list[_Kept]:
    seen: set[tuple[str | None, ...]] = set()
    kept = []
    for one in found:
        entry, told = one.entry, one.prints
        names: list[tuple[str | None, ...]] = [("words", entry.url or entry.guid, one.words)]
        if entry.guid and entry.url:
            names.append(("guid", entry.guid, entry.url))
        if told.text_key:
            names.append(("said", told.title_key, told.text_key, _day(entry)))
        if not seen.intersection(names):
            kept.append(one)
        seen.update(names)
    return kept


def test_doubles_are_found_as_if_every_text_had_been_folded(dice: Random) -> None:
    left_out = 0
    for _ in range(200):
        found = [_kept(an_entry(dice)) for _ in range(8)]
        kept = _without_doubles(found)
        left_out += len(found) - len(kept)
        assert kept == each_once(found)
    assert left_out > 20

"""`vigie watched`, the page and the API: did anything match, and was everybody watched?"""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.cli import main
from shared.archive.store import write
from shared.bus import COLLECTED, DEAD, TOPICS, DeadLetter
from shared.bus.dead import discard, list_letters, retry
from shared.bus.letters import letter_message
from shared.bus.sqlite import SqliteBus
from shared.errors import BadInput, QueryError
from shared.events import encode
from shared.items import Purpose
from shared.query.syntax import parse
from shared.sources.store import pause
from shared.sources.tables import SourceRow
from shared.store import Store
from shared.watched.answer import Answer, Tally, ask
from shared.watched.rules import Proof, Why
from shared.watched.scope import Party, concerned
from shared.watched.spans import note_break, note_proof
from tests.archived import a_classified, a_verdict
from tests.fakes import FakeClock, a_store
from tests.unit.portal.site import Portal, a_portal

HOUR = timedelta(hours=1)


class Desk:
    """A store and a bus with sources whose polls went as a test says."""

    def __init__(self, store: Store, bus: SqliteBus, clock: FakeClock) -> None:
        self.store, self.bus, self.clock = store, bus, clock
        self.began = clock.now()

    def source(self, id_: str, **fields: Any) -> None:
        with self.store.writing() as session:
            session.add(SourceRow(id=id_, name=id_.title(), url=f"https://{id_}.example.org/feed", **fields))

    def polled(self, *sources: str) -> None:
        now = self.clock.now()
        with self.store.writing() as session:
            for source in sources:
                note_proof(session, source, Proof(now, now + HOUR, source))

    def failed(self, source: str, words: str = "503") -> None:
        with self.store.writing() as session:
            note_break(session, source, Why.FAILING, words)

    def archive(self, name: str, themes: tuple[str, ...] = (), energy: float = 0.0, **fields: Any) -> None:
        verdict = a_verdict(themes=themes, scores={"energy": energy})
        with self.store.writing() as session:
            write(session, a_classified(name, verdict=verdict, **fields), Purpose.LIVE, self.clock.now())

    def ask(self, query: str = "") -> Answer:
        return ask(self.store, self.bus, query, self.began)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = FakeClock()
    with closing(a_store(tmp_path, clock)) as store, closing(SqliteBus(tmp_path / "bus.db", clock)) as bus:
        bus.ensure_topics(TOPICS)
        yield Desk(store, bus, clock)


def test_who_was_covered_who_has_gaps_and_who_was_not_watched(desk: Desk) -> None:
    for id_ in ("luecke", "nie"):
        desk.source(id_)
    desk.source("immer", named=True)
    desk.source("aus", named=True, enabled=False, off_reason="robots.txt forbids it")
    desk.polled("immer", "luecke")
    desk.clock.advance(hours=1)
    desk.polled("immer")
    desk.failed("luecke")
    desk.clock.advance(hours=1)
    desk.polled("immer", "luecke")
    answer = desk.ask("wasserstoff")
    assert answer.matched == 0
    assert answer.covered == ("immer",)
    assert [(gap.source, gap.since, gap.until, gap.why) for gap in answer.gaps] == [
        ("luecke", desk.began, desk.began + 2 * HOUR, Why.FAILING)
    ]
    assert [(one.source, one.why, one.words) for one in answer.unwatched] == [
        ("aus", Why.PAUSED, "robots.txt forbids it"),
        ("nie", Why.BEFORE, ""),
    ]
    assert answer.all_sources == Tally(asked=4, covered=1, gapped=1, unwatched=2)
    assert answer.named_bodies == Tally(asked=2, covered=1, gapped=0, unwatched=1)
    assert not answer.silent


def test_a_source_that_never_answered_says_what_keeps_it(desk: Desk) -> None:
    desk.source("nie", last_error="https://www.example.org answered 404")
    desk.clock.advance(hours=1)
    (one,) = desk.ask().unwatched
    assert (one.why, one.words) == (Why.FAILING, "https://www.example.org answered 404")


def test_a_source_whose_document_was_always_empty_says_so(desk: Desk) -> None:
    desk.source("leer", state="empty")
    desk.clock.advance(hours=1)
    (one,) = desk.ask().unwatched
    assert (one.why, one.words) == (Why.EMPTY, "")


def test_what_servers_say_is_not_for_everybody(desk: Desk) -> None:
    desk.source("haus")
    desk.polled("haus")
    desk.clock.advance(minutes=1)
    desk.polled("haus")
    desk.failed("haus", "10.0.0.7 refused")
    desk.clock.advance(minutes=1)
    answer = desk.ask()
    assert answer.shown()["gaps"][0]["why"] == "failing: 10.0.0.7 refused"
    assert answer.shown(words=False)["gaps"][0]["why"] == "failing"


def test_silence_is_proven_where_everybody_was_watched(desk: Desk) -> None:
    desk.source("immer")
    desk.polled("immer")
    desk.clock.advance(minutes=30)
    assert desk.ask("wasserstoff").silent
    assert not desk.ask("wasserstoff OR -wasserstoff source:immer").gaps


def test_a_pause_is_a_gap_until_the_next_proof(desk: Desk) -> None:
    desk.source("haus")
    desk.polled("haus")
    desk.clock.advance(minutes=30)
    desk.polled("haus")
    last = desk.clock.now()
    with desk.store.writing() as session:
        pause(session, "haus", "zu teuer")
    desk.clock.advance(hours=5)
    (gap,) = desk.ask().gaps
    assert (gap.since, gap.until, gap.why, gap.words) == (last, desk.clock.now(), Why.PAUSED, "zu teuer")
    desk.polled("haus")
    (gap,) = desk.ask().gaps
    assert (gap.until, gap.why, gap.words) == (desk.clock.now(), Why.PAUSED, "zu teuer")


def an_event(desk: Desk, name: str, source: str = "haus", purpose: Purpose = Purpose.LIVE) -> Any:
    item = a_classified(name, source=source).item
    return encode(item, purpose=purpose, stage="collector", now=desk.clock.now())


def test_a_dead_letter_is_a_gap_of_its_source_until_it_is_retried(desk: Desk) -> None:
    desk.source("haus")
    desk.source("anders")
    desk.polled("haus", "anders")
    desk.clock.advance(minutes=10)
    desk.bus.publish(COLLECTED, [an_event(desk, "krank")])
    (record,) = desk.bus.read(COLLECTED, -1, 10)
    letter = letter_message(DeadLetter(record, "cannot be read", "Unprocessable"), "classifier")
    desk.bus.publish(COLLECTED + DEAD, [letter])
    desk.clock.advance(minutes=5)
    answer = desk.ask()
    assert [(gap.source, gap.why) for gap in answer.gaps] == [("haus", Why.DEAD)]
    (found,) = list_letters(desk.bus)
    retry(desk.bus, found.id, desk.clock.now())
    assert desk.ask().gaps == ()


def test_a_letter_that_was_discarded_stays_a_gap_of_its_time(desk: Desk) -> None:
    desk.source("haus")
    desk.polled("haus")
    desk.clock.advance(minutes=10)
    desk.bus.publish(COLLECTED, [an_event(desk, "krank")])
    (record,) = desk.bus.read(COLLECTED, -1, 10)
    letter = letter_message(DeadLetter(record, "cannot be read", "Unprocessable"), "classifier")
    desk.bus.publish(COLLECTED + DEAD, [letter])
    (found,) = list_letters(desk.bus)
    discard(desk.bus, found.id, "kaputt", desk.clock.now())
    desk.clock.advance(minutes=5)
    (gap,) = desk.ask().gaps
    assert (gap.why, gap.until) == (Why.DEAD, found.died_at)


def test_items_that_nobody_takes_are_a_gap_of_everybody(desk: Desk) -> None:
    desk.source("haus")
    desk.source("anders")
    with closing(desk.bus.reader(COLLECTED, "classifier")) as reader:
        reader.poll(1, 0.01)
    desk.bus.publish(COLLECTED, [an_event(desk, "wartet")])
    desk.polled("haus", "anders")
    desk.clock.advance(minutes=11)
    assert {(gap.source, gap.why) for gap in desk.ask().gaps} == {("haus", Why.WAITING), ("anders", Why.WAITING)}


def test_matches_are_what_was_published_since_or_came_in_fresh(desk: Desk) -> None:
    began = desk.clock.now()
    desk.archive("alt", published=began - timedelta(days=9))
    desk.archive("frisch", published=began - timedelta(hours=20))
    desk.archive("neu", published=began + timedelta(minutes=1))
    desk.clock.advance(minutes=5)
    assert {item.item_id for item in desk.ask().items} == {"frisch", "neu"}


def test_near_misses_lack_one_condition_or_a_theme_by_little(desk: Desk) -> None:
    desk.archive("beides", title="Wasserstoff im Netz", energy=0.9, themes=("energy",))
    desk.archive("ohne", title="Wasserstoff in Zahlen", energy=0.44)
    desk.archive("anders", title="Das Netz von morgen", energy=0.8, themes=("energy",))
    desk.archive("fern", title="Etwas ganz anderes", energy=0.1)
    desk.clock.advance(minutes=5)
    near = {one.item_id: (one.lacks, one.score) for one in desk.ask("theme:energy wasserstoff").near}
    assert near == {"ohne": ("theme:energy", 0.44), "anders": ("wasserstoff", None)}
    alone = {one.item_id for one in desk.ask("theme:energy").near}
    assert alone == set()  # 0.44 is far from the least that anybody got the theme with
    desk.archive("wenig", title="Ein Netz", energy=0.55, themes=("energy",))
    assert {one.item_id for one in desk.ask("theme:energy").near} == {"ohne"}


def test_a_query_names_whom_it_concerns() -> None:
    parties = [Party("inria", "FR"), Party("dfki", "DE"), Party("ohne", "")]

    def whom(query: str) -> tuple[str, ...]:
        return concerned(parse(query), parties)

    assert whom("energie") == ("inria", "dfki", "ohne")
    assert whom("source:inria energie") == ("inria",)
    assert whom("country:de") == ("dfki", "ohne")  # whose country nobody wrote down may be anywhere
    assert whom("-country:de energie") == ("inria", "ohne")
    assert whom("source:inria OR theme:energy") == ("inria", "dfki", "ohne")
    assert whom("source:inria OR source:dfki") == ("inria", "dfki")
    assert whom("org:DFKI") == ("inria", "dfki", "ohne")  # anybody may name it, not only itself
    assert whom("org:DFKI -country:fr") == ("dfki", "ohne")


def test_a_question_about_the_future_is_refused(desk: Desk) -> None:
    with pytest.raises(BadInput):
        ask(desk.store, desk.bus, "", desk.clock.now() + HOUR)
    with pytest.raises(QueryError):
        desk.ask("theem:energy")


# ---- command line, page, API


def test_the_command_answers_for_people_and_for_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VIGIE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    now = datetime.now(UTC)
    with closing(a_store(tmp_path / "data", FakeClock(now - 2 * HOUR))) as store, store.writing() as session:
        session.add(SourceRow(id="haus", name="Haus", url="https://www.example.org/feed"))
        session.add(SourceRow(id="aus", name="Aus", url="https://www.example.org/aus", enabled=False))
        note_proof(session, "haus", Proof(now - 2 * HOUR, now + HOUR, "haus"))
    assert main(["watched", "energie", "--since", "1h", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert {key: said[key] for key in ("matched", "covered", "gaps", "unwatched")} == {
        "matched": 0,
        "covered": ["haus"],
        "gaps": [],
        "unwatched": ["aus"],
    }
    assert main(["watched", "energie", "--since", "3h"]) == 0
    told = capsys.readouterr().out
    assert "Nothing matched since" in told
    assert "0 of 2 sources covered, 1 with gaps, 1 not watched." in told
    assert "not watched yet" in told
    assert main(["watched", "--since", "gestern"]) == 2
    assert main(["watched", "theem:x", "--since", "1h"]) == 2


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with closing(a_portal(tmp_path)) as portal:
        with portal.store.writing() as session:
            now = portal.clock.now()
            session.add(SourceRow(id="haus", name="Das Haus", url="https://www.example.org/feed"))
            note_proof(session, "haus", Proof(now, now + HOUR, "haus"))
        yield portal


@pytest.mark.parametrize(
    ("language", "nothing"), [("de", "Nichts gefunden"), ("fr", "Rien trouvé"), ("en", "Nothing was found")]
)
def test_the_page_says_it_in_three_languages(portal: Portal, language: str, nothing: str) -> None:
    answer = portal.get(f"/{language}/watched?q=energie&since=2026-03-01")
    assert answer.status_code == 200
    assert nothing in answer.text
    assert "Das Haus" in answer.text  # it has a gap: it was not watched before today
    assert portal.get(f"/{language}/watched").status_code == 200
    assert portal.get(f"/{language}/watched?q=theem:x").status_code == 400
    assert portal.get(f"/{language}/watched?since=2099-01-01").status_code == 400


def test_the_api_gives_the_same_keys_as_the_command(portal: Portal) -> None:
    said = portal.get("/api/v1/watched?q=energie&since=2026-03-01").json()
    assert set(said) == {"query", "since", "until", "matched", "covered", "gaps", "unwatched", "named", "near"}
    (gap,) = said["gaps"]
    assert (gap["source"], gap["from"], gap["why"]) == ("haus", "2026-02-28T23:00:00Z", "before")
    assert portal.get("/api/v1/watched?since=gestern").status_code == 400

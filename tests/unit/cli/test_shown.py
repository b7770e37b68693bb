"""Values as people read them at the command line."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from services.cli.shown import hub_said, lasting, words
from services.cli.sources import print_blocks, why_of
from shared.sources.catalogue import source_config
from shared.sources.hubs import Hub
from shared.sources.proposed import Block
from shared.sources.store import add_source, source_health, source_row
from tests.fakes import FakeClock, a_store

HUB, NOON, WEEK = "https://hub.example.org/", datetime(2026, 11, 30, 12, tzinfo=UTC), timedelta(days=7)
SPANS = {
    604_800: "7 days",
    86_400: "1 day",
    72_000: "20 hours",
    5_400: "1.5 hours",
    300: "5 minutes",
    0: "0 seconds",
}


@pytest.mark.parametrize("seconds", SPANS)
def test_a_span_is_said_in_the_largest_unit_that_it_fills(seconds: int) -> None:
    assert lasting(timedelta(seconds=seconds)) == words(timedelta(seconds=seconds), UTC) == SPANS[seconds]


def test_a_moment_is_said_in_the_calendars_zone_to_the_minute_in_records_too() -> None:
    moment, zone = datetime(2026, 11, 30, 17, 17, 9, tzinfo=UTC), ZoneInfo("Europe/Berlin")
    assert words(moment, zone) == "30 November 2026, 18:17 CET"
    assert words(moment, UTC) == "30 November 2026, 17:17 UTC"
    assert "30 November 2026, 18:17 CET" in words([{"title": "held", "at": moment}], zone)


def test_old_and_new_entries_of_a_page_stand_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    old = Block(2, 1.0, (("https://www.example.org/alt/1", "Alte Meldung"), ("/2", "Zweite")))
    print_blocks(old, Block(1, 0.0, (("https://www.example.org/neu/1", "Neue Meldung"),)))
    head, counts, first, second, path = capsys.readouterr().out.splitlines()
    assert head.split() == ["accepted", "proposed"]
    assert counts.split() == "2 entries, 100% of them dated 1 entry, 0% of them dated".split()
    assert (first.index("Alte Meldung"), first.index("Neue Meldung")) == (2, head.index("proposed"))
    assert second.strip() == "Zweite  /neu/1".replace("  ", " " * (head.index("proposed") - len("  Zweite")))
    assert path.split() == ["/alt/1"]


WHY = [
    ({"state": "moved", "moved_to": "https://www.example.org/neu"}, "it moved to https://www.example.org/neu: "),
    ({"state": "empty"}, "its document has no entries"),
    ({"state": "failing", "last_error": "503", "moved_to": "https://www.example.org/neu"}, "503"),
    ({"state": "ok"}, ""),
]


def test_a_list_of_sources_says_why_each_is_not_well(tmp_path: Path) -> None:
    clock = FakeClock(datetime(2026, 11, 30, 9, tzinfo=UTC))
    block = {"id": "haus", "kind": "feed", "url": "https://www.example.org/feed.xml"}
    with closing(a_store(tmp_path, clock)) as store:
        with store.writing() as session:
            add_source(session, source_config(block, "test"), clock.now())
        for fields, why in WHY:
            with store.writing() as session:
                row = source_row(session, "haus")
                for name, value in ({"last_error": None, "moved_to": None} | fields).items():
                    setattr(row, name, value)
                session.add(row)
            with store.reading() as session:
                said = why_of(source_health(session, "haus"))
            assert said.startswith(why) if why else not said


@pytest.mark.parametrize(
    ("hub", "said"),
    [
        (Hub(HUB, "new", None, None, None), "announced, not asked"),
        (
            Hub(HUB, "asked", NOON, None, None),
            "asked 30 November 2026, 13:00 CET, and has not confirmed; no push yet",
        ),
        (Hub(HUB, "denied", NOON, None, None), "refused our subscription, last asked 30 November 2026"),
        (Hub(HUB, "verified", NOON, NOON + WEEK, None), "subscribed until 7 December 2026, 13:00 CET; no push"),
        (Hub(HUB, "verified", NOON, NOON + WEEK, NOON), "; last push 30 November 2026, 13:00 CET"),
        (Hub(HUB, "verified", NOON - 2 * WEEK, NOON - WEEK, NOON), "its subscription ended 23 November 2026"),
    ],
)
def test_a_hub_is_told_by_how_it_stands_with_us(hub: Hub, said: str) -> None:
    assert said in hub_said(hub, NOON + timedelta(hours=1), ZoneInfo("Europe/Berlin"))

"""`vigie search` and `vigie explain`: a contract that others script against."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import icalendar
import pytest

from services.cli import main
from shared.archive.export import KEYS
from shared.archive.store import write
from shared.clock import SystemClock
from shared.identity import item_id_for_url
from shared.items import Announced, Announcement, Purpose
from tests.archived import NOON, a_classified, a_verdict, later
from tests.fakes import FakeClock, a_store

Fill = Callable[[int], None]


@pytest.fixture
def fill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fill:
    """Puts that many items into the archive of an installation, the last one newest."""
    monkeypatch.setenv("VIGIE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def fill(count: int) -> None:
        store = a_store(tmp_path / "data", FakeClock(NOON))
        with store.writing() as session:
            for number in range(count):
                event = a_classified(str(number), published=later(minutes=number))
                write(session, event, Purpose.LIVE, store.now(session))
        store.close()

    return fill


def run(*arguments: str) -> int:
    return main(["search", *arguments])


FORMATS = ("table", "json", "ndjson", "csv", "ris", "bibtex", "atom", "ics")


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_found_prints_nothing(fill: Fill, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    fill(1)
    assert run("--format", form, "gibtsnicht") == 0
    assert capsys.readouterr().out == ""


def test_a_table_shows_what_another_spelling_finds_and_says_so(
    fill: Fill, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(1)
    assert run("wachst") == 0
    said = capsys.readouterr()
    assert "Meldung 0" in said.out
    assert "wachst OR wächst" in said.err


@pytest.mark.parametrize("form", FORMATS[1:])
def test_programs_get_nothing_in_another_spelling_and_stderr_names_it(
    fill: Fill, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(1)
    assert run("--format", form, "wachst") == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "wächst" in said.err


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_archive_prints_nothing(fill: Fill, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    fill(0)
    assert run("--format", form, "") == 0
    assert capsys.readouterr() == ("", "")


def test_before_the_first_run_nothing_is_found_and_no_database_is_made(
    fill: Fill, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("netz") == 0
    assert capsys.readouterr() == ("", "")
    assert not (tmp_path / "data").exists()


def test_a_table_shows_the_newest_twenty(fill: Fill, capsys: pytest.CaptureFixture[str]) -> None:
    fill(25)
    assert run("") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 20
    assert lines[0].split() == ["2026-03-02", "dfki", "de", "energy", "Meldung", "24"]


def test_every_other_format_gives_all_newest_first(fill: Fill, capsys: pytest.CaptureFixture[str]) -> None:
    fill(25)
    run("--format", "ndjson", "")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["item_id"] for line in lines] == [str(n) for n in reversed(range(25))]
    assert tuple(lines[0]) == KEYS
    run("--format", "json")
    assert json.loads(capsys.readouterr().out) == lines
    run("--format", "csv")
    assert len(list(csv.reader(io.StringIO(capsys.readouterr().out, newline="")))) == 26


@pytest.mark.parametrize(("limit", "shown"), [("0", 0), ("3", 3), ("100", 25)])
@pytest.mark.parametrize("form", ["table", "ndjson"])
def test_a_limit_holds_in_every_format(
    fill: Fill, form: str, limit: str, shown: int, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(25)
    assert run("--format", form, "--limit", limit) == 0
    assert len(capsys.readouterr().out.splitlines()) == shown


def test_a_calendar_has_what_the_query_finds_with_a_day(
    fill: Fill, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    fill(1)
    store, today = a_store(tmp_path / "data"), SystemClock().now().date()
    with store.writing() as session:
        for days in (-40, -2, 5):
            call = Announced(
                kind=Announcement.CALL, day=today + timedelta(days=days), passage="Bewerben bis dann."
            )
            event = a_classified(f"call{days}", title=f"Ruf {days}", verdict=a_verdict(announced=(call,)))
            write(session, event, Purpose.LIVE, store.now(session))
    store.close()
    assert run("--format", "ics", "--about", "about.json", "theme:energy") == 0
    found = icalendar.Calendar.from_ical(capsysbinary.readouterr().out)
    assert {str(each["summary"]) for each in found.events} == {"Deadline: Ruf -2", "Deadline: Ruf 5"}
    assert json.loads(Path("about.json").read_text())["count"] == 2


def test_several_arguments_are_one_query(fill: Fill, capsys: pytest.CaptureFixture[str]) -> None:
    fill(3)
    run("--format", "ndjson", "theme:energy", "title:1")
    assert [json.loads(line)["item_id"] for line in capsys.readouterr().out.splitlines()] == ["1"]


def test_a_query_may_begin_with_a_minus(fill: Fill, capsys: pytest.CaptureFixture[str]) -> None:
    fill(3)
    assert run("--format", "ndjson", "--", "-title:1") == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_a_malformed_query_says_where_and_what(fill: Fill, capsys: pytest.CaptureFixture[str]) -> None:
    fill(1)
    assert run("netz lang:xx") == 2
    out, err = capsys.readouterr()
    assert out == ""
    said, query, mark = err.splitlines()
    assert "character 11" in said
    assert (query[mark.index("^") :], query.strip()) == ("xx", "netz lang:xx")


@pytest.mark.parametrize("arguments", [("--limit", "-1"), ("--limit", "viele"), ("--format", "xls")])
def test_wrong_usage_ends_with_2(fill: Fill, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(*arguments)
    assert ended.value.code == 2


# explain


def test_explain_finds_an_item_by_id_and_by_address(fill: Fill, capsys: pytest.CaptureFixture[str]) -> None:
    fill(2)
    for named in ("1", "https://EXAMPLE.org/1?utm_source=x", "https://example.org/1#top"):
        assert main(["explain", named]) == 0
        text = capsys.readouterr().out
        assert text.startswith("Meldung 1\n")
        assert "1.00  “Netz”" in text


def test_explain_finds_an_item_that_was_seen_under_http_too(
    fill: Fill, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = "https://example.org/a"
    store = a_store(tmp_path / "data", FakeClock(NOON))
    with store.writing() as session:
        write(session, a_classified(item_id_for_url(url), url=url), Purpose.LIVE, NOON)
    store.close()
    assert main(["explain", "http://example.org/a", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["url"] == url


def test_explain_as_json_has_the_history(fill: Fill, capsys: pytest.CaptureFixture[str]) -> None:
    fill(1)
    assert main(["explain", "0", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) >= {*KEYS, "sources", "revisions", "sightings", "reasons", "reached"}
    assert told["reasons"] == [{"label": "energy", "passage": "Netz", "weight": 1.0}]
    assert told["revisions"][0]["seen_at"] == "2026-03-02T12:00:00Z"
    assert told["reached"] is None


@pytest.mark.parametrize("arguments", ["nichts", "https://example.org/nichts", "0 --for nobody@example.org"])
def test_what_explain_cannot_find_ends_with_1(
    fill: Fill, arguments: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(1)
    assert main(["explain", *arguments.split()]) == 1
    assert capsys.readouterr().err.startswith("vigie explain: ")


def test_what_can_never_hold_together_is_named_on_stderr(fill: Fill, capsys: pytest.CaptureFixture[str]) -> None:
    fill(1)
    assert run("Meldung after:2026-06 before:2026-03") == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "nothing is found: after:2026-06 before:2026-03" in said.err

"""`vigie stories`: why publications are one event, and a person's word on it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.archivist.write import handler
from services.cli import main
from services.cli.stories import explained
from shared.archive.evidence import Evidence, How
from shared.store import Store
from tests.archived import a_classified, a_verdict, later, live
from tests.fakes import FakeClock, a_store
from tests.meant import says


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("VIGIE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    opened = a_store(tmp_path / "data", FakeClock(later(days=1)))
    german = a_classified("one", source="leuchtturm", title="Labor gegründet", text="Es kostet 40 Millionen Euro.")
    french = a_classified(
        "two",
        source="cote",
        title="Un laboratoire",
        text="Il coûte 40 millions d'euros.",
        verdict=a_verdict(language="fr"),
    )
    handler(opened)(live(says(german, 1), says(french, 0.8)))
    yield opened
    opened.close()


@pytest.mark.usefixtures("store")
def test_a_story_is_shown_with_languages_sources_and_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stories", "show", "two"]) == 0
    said = capsys.readouterr().out
    assert "story one: 2 publications in de, fr" in said
    assert "same event: title 0.80, text 0.80, both state 40,000,000, both name dfki; with one" in said
    assert main(["stories", "show", "one", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [item["language"] for item in told["items"]] == ["de", "fr"]
    assert told["history"][0]["how"] == "meaning"


@pytest.mark.usefixtures("store")
def test_a_person_splits_and_merges(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stories", "split", "https://example.org/two", "--note", "anderes Labor"]) == 0
    assert main(["stories", "show", "one", "two"]) == 0
    said = capsys.readouterr().out
    assert "story one: 1 publication in de" in said
    assert "a person took it out; with one (anderes Labor)" in said
    assert main(["stories", "merge", "one", "two"]) == 0
    assert main(["stories", "never", "one", "two"]) == 0
    assert capsys.readouterr().out == "story one\nstory two\n"


@pytest.mark.usefixtures("store")
def test_mistakes_are_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stories", "merge", "one"]) == 2
    assert main(["stories", "show", "nothing"]) == 1
    assert "vigie search" in capsys.readouterr().err


def test_a_reason_without_figures_is_said_alone() -> None:
    assert explained(Evidence(How.EXACT)) == "the same release"


@pytest.mark.usefixtures("store")
def test_a_search_lists_each_event_once_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "--format", "ndjson", "story:one"]) == 0
    both = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["story"] for each in both] == ["one", "one"]
    assert main(["search", "--format", "ndjson", "--collapse", "--limit", "5", "story:one"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1

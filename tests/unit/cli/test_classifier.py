"""`vigie classifier`: figures of a model, people's corrections in and out."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from services.cli import main
from shared.archive.store import archived_item, write
from shared.items import Purpose, Verdict
from shared.store import Store
from shared.wiring import make_ready
from tests.archived import NOON, a_classified, a_verdict

Vigie = Callable[..., tuple[int, str, str]]
GRID = {
    "id": "grid",
    "lang": "en",
    "title": "New power grid for offshore wind farms",
    "text": "Grid operators will build electricity lines to carry wind power inland.",
    "themes": ["energy"],
}


@pytest.fixture
def vigie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Vigie:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VIGIE_MODEL", "lexicon")

    def vigie(*arguments: str) -> tuple[int, str, str]:
        try:
            code = main(["classifier", *arguments])
        except SystemExit as ended:  # argparse
            code = int(str(ended.code))
        said = capsys.readouterr()
        return code, said.out, said.err

    return vigie


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An archive with one item."""
    (tmp_path / "data").mkdir()
    store = Store(f"sqlite:///{tmp_path / 'data' / 'vigie.db'}")
    make_ready(store)
    with store.writing() as session:
        item = a_classified(authors=("Erika Mustermann",), verdict=a_verdict(themes=("energy", "climate")))
        write(session, item, Purpose.LIVE, NOON)
    yield store
    store.close()


def verdict(store: Store) -> Verdict:
    with store.reading() as session:
        item = archived_item(session, "one")
    assert item is not None
    return item.verdict


def labelled(tmp_path: Path, *lines: Mapping[str, Any] | str) -> str:
    file = tmp_path / "labelled.jsonl"
    written = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    file.write_text("\n".join(written), "utf-8")
    return str(file)


def exported(vigie: Vigie, *more: str) -> list[dict[str, Any]]:
    code, out, _ = vigie("corrections", *more)
    assert code == 0
    return [json.loads(line) for line in out.splitlines()]


def test_evaluate_prints_the_table_of_the_configured_model(vigie: Vigie, tmp_path: Path) -> None:
    code, out, _ = vigie("evaluate", labelled(tmp_path, GRID, GRID | {"id": "two"}))
    assert code == 0
    assert out.startswith("lexicon-")
    assert "on 2 items of 2 publications" in out
    assert next(line for line in out.splitlines() if line.startswith("energy")).split()[:3] == [
        "energy",
        "all",
        "2",
    ]


def test_evaluate_answers_machines_with_every_figure(vigie: Vigie, tmp_path: Path) -> None:
    code, out, _ = vigie("evaluate", labelled(tmp_path, GRID), "--json", "--against", "lexicon")
    report = json.loads(out)
    assert (code, report["items"], report["refused"], report["against"]) == (0, 1, [], "lexicon")
    (found,) = (f for f in report["figures"] if (f["of"], f["measure"], f["lang"]) == ("energy", "recall", "en"))
    assert (found["value"], found["support"]) == (1.0, 1)
    assert {change["change"] for change in report["changes"]} == {0.0, None}


def test_lines_that_cannot_be_read_are_told_and_the_others_are_evaluated(vigie: Vigie, tmp_path: Path) -> None:
    code, out, err = vigie("evaluate", labelled(tmp_path, GRID, "{}", GRID | {"id": "b", "themes": ["enrgy"]}))
    assert (code, "on 1 items" in out) == (1, True)
    assert "line 2: 'id' is missing" in err
    assert "line 3: 'enrgy' is no theme" in err


@pytest.mark.parametrize("content", ["", "{}\n"])
def test_a_file_without_labelled_items_has_no_figures(vigie: Vigie, tmp_path: Path, content: str) -> None:
    code, out, err = vigie("evaluate", labelled(tmp_path, content))
    assert (code, out) == (1, "")
    assert "holds no labelled item" in err


def test_a_file_that_is_not_there_is_told(vigie: Vigie) -> None:
    code, _, err = vigie("evaluate", "nowhere.jsonl")
    assert (code, "nowhere.jsonl cannot be read" in err) == (1, True)


def test_a_person_corrects_an_item(vigie: Vigie, store: Store) -> None:
    words = ("--theme", "energy=no", "--theme", "health=yes", "--sovereignty", "0.5", "--franco-german", "yes")
    code, out, _ = vigie("correct", "https://example.org/one", *words, "--json")
    found = verdict(store)
    assert (code, found.themes, found.sovereignty, found.franco_german) == (0, ("climate", "health"), 0.5, True)
    assert json.loads(out) == {
        "themes": ["climate", "health"],
        "sovereignty": 0.5,
        "franco_german": True,
        "model": "lexicon-1",
    }


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("one", "--theme", "enrgy=yes"), 2, "'enrgy' is no theme; known are energy, health"),
        (("one", "--theme", "energy"), 2, "'' is neither yes nor no"),
        (("one", "--sovereignty", "2"), 2, "'2' is no number from 0 to 1"),
        (("one",), 2, "say what is right"),
        (("nowhere", "--theme", "energy=no"), 1, "the archive has no item 'nowhere'"),
    ],
)
def test_a_correction_that_cannot_be_is_told(
    vigie: Vigie, store: Store, arguments: tuple[str, ...], code: int, said: str
) -> None:
    ended, out, err = vigie("correct", *arguments)
    assert (ended, out) == (code, "")
    assert said in err
    assert verdict(store).themes == ("energy", "climate")


def test_corrections_come_out_as_labels_of_which_only_the_persons_count(vigie: Vigie, store: Store) -> None:
    vigie("correct", "one", "--theme", "energy=no", "--note", "Frau Beispiel sagt, es geht um Klima")
    (line,) = exported(vigie)
    assert (line["id"], line["lang"], line["title"]) == ("one", "de", "Meldung one")
    assert (line["themes"], line["sovereignty"], line["judged"]) == (["climate"], 0.25, ["energy"])
    assert not [name for name in ("Mustermann", "Beispiel") if name in json.dumps(line, ensure_ascii=False)]


def test_of_an_item_that_a_person_checked_every_label_counts(vigie: Vigie, store: Store) -> None:
    vigie("correct", "one", "--theme", "energy=no", "--checked")
    (line,) = exported(vigie)
    assert (line["themes"], len(line["judged"])) == (["climate"], 14)


def test_only_corrections_since_a_moment_are_wanted(vigie: Vigie, store: Store) -> None:
    vigie("correct", "one", "--checked")
    assert len(exported(vigie, "--since", "1h")) == 1
    assert exported(vigie, "--since", "2999-01-01") == []
    assert vigie("corrections", "--since", "soon")[0] == 2


def test_what_is_exported_can_be_evaluated(vigie: Vigie, store: Store, tmp_path: Path) -> None:
    """The title names the grid, so the lexicon gives energy again: wrong by the person's word, and only there."""
    vigie("correct", "one", "--theme", "energy=no")
    (line,) = exported(vigie)
    code, out, _ = vigie("evaluate", labelled(tmp_path, line | {"title": GRID["title"]}), "--json")
    figures = {(f["of"], f["measure"], f["lang"]): f["value"] for f in json.loads(out)["figures"]}
    assert (code, figures["energy", "precision", "all"]) == (0, 0.0)
    assert figures["climate", "recall", "all"] is figures["climate", "precision", "all"] is None
    assert figures["without theme", "left empty", "all"] is None

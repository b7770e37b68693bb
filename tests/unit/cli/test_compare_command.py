"""`vigie compare`: two versions from files or the archive."""

import json
from pathlib import Path

import pytest

from services.cli import main
from shared.archive.store import write
from shared.items import Purpose
from tests.archived import NOON, a_classified, a_verdict
from tests.fakes import FakeClock, a_store
from tests.unit.comparison.test_compare import CRITIC, DE, FR


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """The two versions as files; the German one has a sentence more."""
    monkeypatch.setenv("VIGIE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    Path("de.txt").write_text(f"{DE.title}\n{DE.text} {CRITIC}\n", "utf-8")
    Path("fr.txt").write_text(f"{FR.title}\n{FR.text}\n", "utf-8")
    return "de.txt", "fr.txt"


def test_what_one_file_says_alone_is_printed_and_answers_no(
    files: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", *files]) == 1
    assert f"Only in de:\n  {CRITIC}\n" in capsys.readouterr().out


def test_as_json_each_side_tells_its_sentences(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *reversed(files), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["left"]["language"], said["left"]["sentences"], said["left"]["only"]) == ("fr", 3, [])
    assert (said["right"]["language"], said["right"]["only"]) == ("de", [CRITIC])
    assert (said["agree"], said["differs"]) == (False, [])


def test_items_of_the_archive_are_compared_by_id_and_by_address(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = a_store(tmp_path / "data", FakeClock(NOON))
    wrong = FR.text.replace("15 millions", "50 millions")
    with store.writing() as session:
        for version, text in ((DE, DE.text), (FR, wrong)):
            verdict = a_verdict(language=version.language)
            event = a_classified(version.language, verdict=verdict, title=version.title, text=text)
            write(session, event, Purpose.LIVE, store.now(session))
    store.close()
    assert main(["compare", "de", "https://example.org/fr", "--json"]) == 1
    (differs,) = json.loads(capsys.readouterr().out)["differs"]
    assert (differs["kind"], differs["left"], differs["right"]) == ("number", "15 Mio", "50 millions")
    assert differs["right_sentence"] == "Il recevra 50 millions d'euros d'ici à 2029."


def test_who_is_no_item_and_no_file_is_told_so(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a_store(tmp_path / "data", FakeClock(NOON)).close()
    assert main(["compare", "nobody", files[0]]) == 1
    assert "'nobody'" in capsys.readouterr().err

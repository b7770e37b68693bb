"""The files of the shipped model: nothing is loaded that is not what the manifest says, and tagging goes on."""

import json
import logging
import shutil
from pathlib import Path

import pytest

from services.classifier.app import say_damage
from services.classifier.lexicon.load import load_lexicon
from services.classifier.lexicon.model import LexiconModel
from services.classifier.load import load_model, stands_in_for
from services.classifier.model import ClassifiableText
from services.classifier.shipped.artefact import (
    ENCODER,
    FILES,
    HEADS,
    SHIPPED,
    TOKENIZER,
)
from services.classifier.shipped.load import damage, load_shipped, shipped_or_lexicon
from services.classifier.shipped.model import ShippedModel
from shared.config import Settings
from shared.manifest import MANIFEST, Damaged, digest
from shared.telemetry.facts import Weight
from shared.telemetry.notices import notices
from tests.fakes import a_store

LARGEST = 60_000_000  # bytes of all files together


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    folder = tmp_path / "artefact"
    shutil.copytree(SHIPPED, folder)
    return folder


def say(folder: Path, **changes: object) -> None:
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    (folder / MANIFEST).write_text(json.dumps(manifest | changes), "utf-8")


def test_without_a_setting_the_shipped_model_tags() -> None:
    assert isinstance(load_model(Settings()), ShippedModel)


def test_the_files_are_small_and_are_what_the_manifest_says() -> None:
    assert sum((SHIPPED / file).stat().st_size for file in FILES) <= LARGEST
    known = json.loads((SHIPPED / MANIFEST).read_text("utf-8"))["files"]
    assert {file: digest(SHIPPED / file) for file in FILES} == known


@pytest.mark.parametrize("file", [*FILES, MANIFEST])
def test_a_missing_file_is_named(copied: Path, file: str) -> None:
    (copied / file).unlink()
    with pytest.raises(Damaged, match=file):
        load_shipped(copied)


@pytest.mark.parametrize("file", FILES)
def test_a_file_of_which_a_byte_changed_is_named(copied: Path, file: str) -> None:
    content = bytearray((copied / file).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / file).write_bytes(content)
    with pytest.raises(Damaged, match=f"{file}.*damaged"):
        load_shipped(copied)


@pytest.mark.parametrize("file", FILES)
def test_a_file_that_is_no_model_is_refused_though_its_digest_fits(copied: Path, file: str) -> None:
    (copied / file).write_bytes(b"not a model")
    say(copied, files={each: digest(copied / each) for each in FILES})
    with pytest.raises(Damaged, match=r"cannot be loaded|holds no heads"):
        load_shipped(copied)


@pytest.mark.parametrize("manifest", ["", "[]", "{", '{"name": 1, "later": "x", "files": {}}'])
def test_a_damaged_manifest_is_named(copied: Path, manifest: str) -> None:
    (copied / MANIFEST).write_text(manifest, "utf-8")
    with pytest.raises(Damaged, match="manifest"):
        load_shipped(copied)


def test_vectors_of_another_version_are_not_taken_for_those_that_trained(copied: Path) -> None:
    say(copied, meaning="use-0")
    with pytest.raises(Damaged, match="use-0"):
        load_shipped(copied)


def test_where_the_model_is_damaged_the_lexicon_tags_and_says_so(
    copied: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (copied / ENCODER).unlink()
    with caplog.at_level(logging.ERROR):
        model = shipped_or_lexicon(copied)
    assert isinstance(model, LexiconModel)
    assert ENCODER in caplog.text
    assert "lexicon takes over" in caplog.text
    assert model.classify(ClassifiableText("Neuer Windpark liefert Strom")).model.startswith("lexicon")


def test_a_stand_in_is_red_until_the_model_is_back(copied: Path, tmp_path: Path) -> None:
    (copied / ENCODER).unlink()
    store, settings = a_store(tmp_path), Settings(instance="box")
    for damaged in (damage(copied), None):
        say_damage(settings, store, damaged)
        with store.reading() as session:
            found = [(each.key, each.weight) for each in notices(session)]
            assert found == ([("model.damaged:box", Weight.RED)] if damaged else [])
            assert [ENCODER in each.reason for each in notices(session)] == [True] * len(found)
    store.close()


def test_only_a_stand_in_has_something_to_say(copied: Path) -> None:
    assert stands_in_for(Settings(), load_shipped(copied)) is None
    assert stands_in_for(Settings(model="lexicon"), load_lexicon()) is None


def test_the_name_changes_with_the_heads_and_with_the_terms(copied: Path) -> None:
    first = load_shipped(copied).name
    say(copied, name="vigie-1.other")
    assert load_shipped(copied).name != first
    assert {TOKENIZER, HEADS} < set(FILES)

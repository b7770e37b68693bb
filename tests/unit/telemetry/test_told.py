"""Findings are told in three languages: every sentence, with the same values and the same commands."""

import json
import re
from pathlib import Path
from string import Formatter

import pytest

from shared.items import LANGUAGES
from shared.journal.restored import RESTORED
from shared.locales import load_texts
from shared.telemetry import told as module
from shared.telemetry.finding import KINDS
from shared.telemetry.told import Told, in_words, is_known, kept, remedy_of, told
from tests.architecture.rules import ROOT

FOLDER = Path(module.__file__).parent / "locales"
CATALOGUE = load_texts(FOLDER)
ALIKE = {
    "said",
    "source_in_state",
    "late",
    "sources_one",
    "sources_many",
    "source.sick",
    "minutes_one",
    "minutes_many",
}  # the same
SOURCES = {
    path: path.read_text("utf-8") for name in ("shared", "services") for path in (ROOT / name).rglob("*.py")
}
KEY = re.compile(r': Final = "([a-z]+\.[a-z]+)"')
COMMAND = re.compile(r"`[^`]+`")


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_sentence_that_is_told_stands_in_the_catalogue() -> None:
    """The keys as they are written; of one that is put together, its beginning."""
    literal = {key for text in SOURCES.values() for key in re.findall(r'\btold\(\s*"([^"]+)"', text)}
    begun = {key for text in SOURCES.values() for key in re.findall(r'\btold\(\s*f"([^"{]+)\{', text)}
    named = {
        value
        for text in SOURCES.values()
        for name in re.findall(r"\btold\(\s*([A-Z_]+)\b", text)
        for value in re.findall(rf'\b{name}: Final = "([^"]+)"', text)
    }
    assert literal >= {"stage.silent", "mails.overdue"}
    assert named >= {"relay.refuses", "index.renews", "hub.unheard"}
    assert sorted(key for key in literal | named if not is_known(key)) == []
    known = CATALOGUE["en"].texts
    assert sorted(key for key in begun if not any(each.startswith(key) for each in known)) == []


def test_no_sentence_of_the_catalogue_is_told_by_nobody() -> None:
    used = "\n".join(text for path, text in SOURCES.items())
    keys = {key.removesuffix("_one").removesuffix("_many") for key in CATALOGUE["en"].texts}
    stems = {
        key for key in keys if not key.startswith(("remedy_", "state_", "kind_", "clock.stepped_", "restored."))
    }
    assert sorted(key for key in stems if f'"{key}"' not in used) == []


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_every_sentence_is_translated_with_the_same_values_and_commands(language: str) -> None:
    english, other = CATALOGUE["en"].texts, CATALOGUE[language].texts
    assert sorted(key for key in english if key not in ALIKE and english[key] == other[key]) == []
    assert sorted(key for key in english if names(english[key]) != names(other[key])) == []
    assert sorted(key for key in english if COMMAND.findall(english[key]) != COMMAND.findall(other[key])) == []


def test_every_notice_that_is_raised_says_what_to_do_in_every_language() -> None:
    raised = {key for text in SOURCES.values() if "raise_notice(" in text for key in KEY.findall(text)}
    assert raised >= {"settings.contact", "model.damaged", "clock.stepped", "store.restored", "relay.silent"}
    assert sorted(key for key in raised - KINDS.keys() if remedy_of(key) is None) == []
    assert RESTORED in (remedy_of("store.restored") or "")


def test_numbers_names_and_sentences_in_sentences_are_told_in_the_language() -> None:
    named = tuple(told("source_in_state", source=f"q{at}", state=told("state_stale")) for at in range(7))
    said = told("sources.quiet", sources=told("sources", n=1234), named=named)
    assert in_words(said) == (
        "1,234 sources fell silent, came empty or moved: "
        "q0 (stale), q1 (stale), q2 (stale), q3 (stale), q4 (stale) and 2 more"
    )
    assert in_words(said, "de").startswith("1.234 Quellen verstummt, leer oder umgezogen: q0 (verstummt), ")
    assert in_words(said, "de").endswith(" und 2 weitere")
    assert in_words(told("deliveries.held", n=1), "fr") == "1 message retenu jusqu’à ce que quelqu’un décide"


def test_what_is_kept_is_told_as_before() -> None:
    said = told(
        "relay.limit",
        said="452 4.2.2 {later}",
        needs=told("relay.needs", n=9, needed="3 min", taken=1, seconds=60),
    )
    assert kept(json.loads(json.dumps(said.shown()))) == said
    assert kept(None) is None
    assert "452 4.2.2 {later}" in in_words(said, "de")
    assert isinstance(said, Told)

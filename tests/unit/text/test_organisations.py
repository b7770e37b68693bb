"""Bodies are found under their names in three languages; names that are also words need a sign."""

import pytest

from shared.errors import ConfigError
from shared.text.organisations import Gazetteer, load_gazetteer


def names(text: str) -> tuple[str, ...]:
    return load_gazetteer().names(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Das Deutsche Forschungszentrum für Künstliche Intelligenz wächst", ("DFKI",)),
        ("The German Research Center for Artificial Intelligence grows", ("DFKI",)),
        ("Le Centre allemand de recherche sur l'intelligence artificielle s'agrandit", ("DFKI",)),
        ("Das BMBF heißt nun BMFTR", ("BMFTR",)),
        ("eine Sprecherin des Bundesministeriums für Gesundheit", ("BMG",)),
        ("DFKI/Inria und l'ANSSI", ("DFKI", "Inria", "ANSSI")),
        ("Siemens Energy und Siemens", ("Siemens Energy", "Siemens")),
        ("Université franco-allemande", ("Deutsch-Französische Hochschule",)),
        ("die EU-Kommission, la Commission européenne", ("European Commission",)),
    ],
)
def test_a_body_has_one_name_however_it_is_written(text: str, expected: tuple[str, ...]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "They enact a law",
        "ENACT the law now",
        "a first aid kit",
        "A first-aid KIT for hikers",
        "la pomme de terre et le mistral",
        "Le mistral souffle à Marseille",
        "Der Bundesrat in Bern tagte",
        "orange juice",
        "meta analysis",
    ],
)
def test_a_word_is_no_body(text: str) -> None:
    assert names(text) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Le cluster ENACT à Nancy", ("ENACT",)),
        ("Das KIT in Karlsruhe", ("KIT",)),
        ("Das Karlsruher Institut für Technologie (KIT) teilt mit: Das KIT wächst", ("KIT",)),
        ("Der Bundesrat stimmte nach dem Bundestag zu", ("Bundesrat", "Bundestag")),
        ("Le CEA et le CNRS, centres de recherche", ("CEA", "CNRS")),
    ],
)
def test_a_shared_name_holds_in_its_context(text: str, expected: tuple[str, ...]) -> None:
    assert names(text) == expected


def test_a_mention_says_where_it_stands() -> None:
    text = "Gestern stellte das DFKI etwas vor."
    (mention,) = load_gazetteer().mentions(text)
    assert (text[mention.start : mention.end], mention.organisation.country) == ("DFKI", "DE")


def test_every_entry_is_found_by_its_own_names() -> None:
    gazetteer = load_gazetteer()
    assert len(gazetteer.organisations) > 250
    assert len({body.name for body in gazetteer.organisations.values()}) == len(gazetteer.organisations)


def test_a_misspelt_key_is_an_error_that_names_the_entry() -> None:
    with pytest.raises(ConfigError, match="dfki"):
        Gazetteer({"dfki": {"name": "DFKI", "country": "DE", "alias": []}})

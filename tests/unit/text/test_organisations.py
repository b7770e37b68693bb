"""Bodies are found under their names in three languages; names that are also words need a sign."""

import tomllib
from importlib.resources import files
from typing import Any

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
        ("Bericht des Bundesamts für Energie, de l'Office fédéral de l'énergie", ("Bundesamt für Energie",)),
        ("Fraunhofer-Institut IAIS, Fraunhofer IAIS", ("Fraunhofer IAIS",)),
        ("das Fraunhofer-Institut für Holzforschung", ("Fraunhofer",)),
        ("la TU Eindhoven, die Technische Universität Eindhoven", ("TU Eindhoven",)),
        ("University of Göttingen, l'université de Göttingen", ("Universität Göttingen",)),
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
        "Der Bundesrat in Wien tagte",
        "Bundesrat Ignazio Cassis reiste nach Bern",
        "Bundesgesundheitsministerin Warken",
        "orange juice",
        "meta analysis",
        "unter der MIT-Lizenz, sagen Forscher",
        "Léonard de Vinci, Vinci de son nom",
        "une sortie en VTT",
        "das Unternehmertum",
        "Bayer Leverkusen gewinnt gegen den Konzern",
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
        ("Der Bundesrat in Bern tagte", ("Schweizerischer Bundesrat",)),
        ("Der Bundesrat und Bundesrat Cassis in Bern", ("Schweizerischer Bundesrat",)),
        ("Die Bundesanwaltschaft in Karlsruhe", ("Generalbundesanwalt",)),
        ("Die Bundesanwaltschaft in Bern", ("Bundesanwaltschaft",)),
        ("Le BAG et la Suisse", ("Bundesamt für Gesundheit",)),
        ("Vinci construit une autoroute", ("Vinci",)),
    ],
)
def test_a_shared_name_holds_in_its_context(text: str, expected: tuple[str, ...]) -> None:
    assert names(text) == expected


def test_a_mention_says_where_it_stands() -> None:
    text = "Gestern stellte das DFKI etwas vor."
    (mention,) = load_gazetteer().mentions(text)
    assert (text[mention.start : mention.end], mention.organisation.country) == ("DFKI", "DE")


def test_no_two_entries_are_called_the_same() -> None:
    gazetteer = load_gazetteer()
    assert len(gazetteer.organisations) > 1800
    assert len({body.name for body in gazetteer.organisations.values()}) == len(gazetteer.organisations)


def test_every_name_finds_its_body() -> None:
    source = (files("shared.text") / "organisations.toml").read_text("utf-8")
    for id_, entry in tomllib.loads(source).items():
        for key in ("names", "exact"):
            for written in entry.get(key, ()):
                if "(" not in written and "{" not in written:
                    assert names(written) == (entry["name"],), (id_, written)


GERMAN: dict[str, Any] = {"name": "Wasseramt", "country": "DE", "unsure": ["WA"]}


@pytest.mark.parametrize(
    ("entry", "text", "found"),
    [
        ({"names": ["Amt(s|es) für Wasser"]}, "des Amtes für Wasser", True),
        ({"names": ["Amt(s|es) für Wasser"]}, "die Ämter für Wasser", False),
        ({"names": ["{Deutsche(s|n) |}Wasseramt"]}, "im deutschen Wasseramt", True),
        ({"unsure": ["WA"]}, "Das WA in Berlin", True),
        ({"unsure": ["WA"]}, "Das WA in Rom", False),
        ({"unsure": ["WA"], "context": ["Wasser"]}, "Das WA in Berlin", False),
        ({"unsure": ["WA"], "context": ["Wasser"]}, "Das WA prüft Wasser", True),
        ({"exact": ["WA"], "unless": ["Seattle"]}, "Seattle, WA", False),
        ({"exact": ["WA"], "not": ["WA State"]}, "WA state", False),
        ({"exact": ["WA"], "not": ["WA State"]}, "WA state und WA", True),
        ({"names": ["Wasseramt"], "unsure": ["WA"]}, "Wasseramt. Das WA", True),
    ],
)
def test_an_entry_says_when_its_names_hold(entry: dict[str, Any], text: str, found: bool) -> None:
    gazetteer = Gazetteer({"wasser": {"name": "Wasseramt", "country": "DE"} | entry})
    assert bool(gazetteer.names(text)) is found


def test_of_bodies_with_the_same_name_the_first_that_fits_is_meant() -> None:
    swiss = {"name": "Wetteramt", "country": "CH", "unsure": ["WA"]}
    gazetteer = Gazetteer({"wasser": GERMAN, "wetter": swiss})
    assert gazetteer.names("Das WA in Bern") == ("Wetteramt",)
    assert gazetteer.names("Das WA in Berlin und Bern") == ("Wasseramt",)


def test_a_misspelt_key_is_an_error_that_names_the_entry() -> None:
    with pytest.raises(ConfigError, match="dfki"):
        Gazetteer({"dfki": {"name": "DFKI", "country": "DE", "alias": []}})

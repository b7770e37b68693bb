"""What speaks against one event, whatever the nearness: figures, opposite words, denials, other bodies."""

import pytest

from services.archivist.alike import vetoes
from services.archivist.figures import figures
from services.archivist.opposed import stand
from services.archivist.stories import Piece


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,5 Millionen Euro", "1.5 million euros"),
        ("1 500 000 francs", "1’500’000 Franken"),
        ("vier Millionen", "quatre millions d'euros"),
        ("fünf Länder", "5 pays"),
        ("12,4 Prozent", "12.4 %"),
        ("am 12. November 2026", "le 12 novembre 2026"),
        ("am 12.11.2026", "on 12 November"),
        ("2008-11: 7 %", "7 Prozent"),
        ("1.500 Menschen", "1500 personnes"),
    ],
)
def test_figures_of_three_languages_compare(one: str, other: str) -> None:
    assert figures(one).common(figures(other))
    assert not figures(one).contradict(figures(other))


def test_a_billion_is_a_thousand_millions_in_english_alone() -> None:
    assert figures("8 billion euros", "en").common(figures("8 Mrd. Euro", "de"))
    assert figures("8 billion euros", "en").contradict(figures("8 Billionen Euro", "de"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("4 Millionen Euro", "12 millions d'euros"),
        ("3 Tote", "17 morts"),
        ("Seminar am 12.12.2026", "Seminar on 19 December 2026"),
        ("four million euros", "neuf millions d'euros"),
    ],
)
def test_other_figures_contradict(one: str, other: str) -> None:
    assert figures(one).contradict(figures(other))
    assert figures(other).contradict(figures(one))


@pytest.mark.parametrize("nothing", ["im Jahr 2026", "5G und A320", "drei Länder", ""])
def test_years_names_and_words_contradict_nobody(nothing: str) -> None:
    assert not figures(nothing).contradict(figures("17 millions"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bundestag beschließt Heizungsgesetz", "Bundestag lehnt Heizungsgesetz ab"),
        ("Parliament adopts AI act", "Le Parlement rejette la loi sur l'IA"),
        ("Strompreise steigen", "Les prix de l'électricité baissent"),
        ("Neues Rechenzentrum eröffnet", "Le centre de calcul ferme ses portes"),
        ("Court allows merger", "Gericht untersagt Fusion"),
        ("Minister confirms talks", "Ministerin dementiert Gespräche"),
        ("Deutschland und Frankreich beschließen gemeinsame Cloud", "Paris et Berlin renoncent au nuage commun"),
        ("Stadt baut Wärmenetz", "La ville abandonne le réseau de chaleur"),
        ("Government to build data centre", "Regierung verzichtet auf Rechenzentrum"),
        ("Supercomputer goes into service in Stuttgart", "Höchstleistungsrechner in Stuttgart abgeschaltet"),
        ("Bund fördert Weiterbildung", "Le gouvernement supprime l'aide à la formation"),
        ("Anlage in Grenoble installiert", "L'installation de Grenoble démontée"),
    ],
)
def test_opposite_titles_oppose_in_every_language(one: str, other: str) -> None:
    assert stand(one).opposes(stand(other))
    assert stand(other).opposes(stand(one))


def test_a_title_that_says_both_sides_takes_none() -> None:
    assert not stand("Preise steigen, Löhne sinken").opposes(stand("Löhne sinken"))


def a_piece(title: str, text: str = "", bodies: tuple[str, ...] = ()) -> Piece:
    return Piece("a", title, text, bodies=frozenset(bodies))


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (a_piece("Der Bundesrat will das Abkommen"), a_piece("Le Conseil ne veut pas l'accord"), ("denied",)),
        (a_piece("Ein Labor", bodies=("dfki",)), a_piece("Un laboratoire", bodies=("cnrs",)), ("names",)),
        (a_piece("Ein Labor", bodies=("dfki", "inria")), a_piece("Un labo", bodies=("inria",)), ()),
        (a_piece("Ein Labor", "Es kostet 4 Millionen."), a_piece("Un labo", "Il coûte 9 millions."), ("figures",)),
        (a_piece("Ein Labor"), a_piece("Un laboratoire"), ()),
    ],
)
def test_vetoes_say_what_they_rest_on(one: Piece, other: Piece, found: tuple[str, ...]) -> None:
    assert vetoes(one, other) == found == vetoes(other, one)

"""What was found is shown where it stands: whoever matches has a mark, and what is marked says why."""

from random import Random

import pytest

from shared.query.hits import spans, wanted_texts
from shared.query.match import matches
from shared.query.syntax import parse
from shared.query.tree import Near, Phrase, Prefix, Word
from tests.documents import a_document
from tests.queries import ASKED, WORDS, a_text


def shown(query: str, text: str, language: str = "de", *, title: bool = True) -> list[str]:
    """What is marked."""
    found = spans(wanted_texts(parse(query).node), text, language, title=title)
    return [text[start:end] for start, end in found]


@pytest.mark.parametrize(
    ("query", "text", "language", "marked"),
    [
        ("Netz", "Das Netz und die Netze", "de", ["Netz", "Netze"]),
        ("Kompetenz", "Zwei KI-Kompetenzzentren", "de", ["Kompetenzzentren"]),
        ("KI-Kompetenzzentrum", "Zwei KI-Kompetenzzentren", "de", ["KI-Kompetenzzentren"]),
        ("énergie", "L’énergie d'hier", "fr", ["énergie"]),
        ('"das Netz"', "Das Netz, das netz", "de", ["Das Netz", "das netz"]),
        ("netz*", "Netzwerke im Netz", "de", ["Netzwerke", "Netz"]),
        ("KI-Komp*", "Die KI-Kompetenz", "de", ["KI-Kompetenz"]),
        ('"netz speicher"~2', "Ein Speicher für das Netz", "de", ["Speicher", "Netz"]),
        ("Netz -Speicher", "Netz und Speicher", "de", ["Netz"]),
        ("Netz OR Strom", "Strom im Netz", "de", ["Strom", "Netz"]),
        ("EU", "Il y a eu un débat sur l'EU", "fr", ["EU"]),
        ("theme:energy", "Energie", "de", []),
    ],
)
def test_hits_are_marked(query: str, text: str, language: str, marked: list[str]) -> None:
    assert shown(query, text, language) == marked


def test_what_is_asked_of_titles_is_marked_in_titles_alone() -> None:
    assert shown("title:Netz", "Das Netz") == ["Netz"]
    assert shown("title:Netz", "Das Netz", title=False) == []


@pytest.mark.parametrize("seed", range(6))
def test_a_text_has_a_mark_exactly_where_the_matcher_finds_it(seed: int) -> None:
    random = Random(seed)
    for _ in range(150):
        language = random.choice(list(WORDS))
        text, word = a_text(random, language, 12), random.choice(ASKED)
        row = random.sample(WORDS[language].split(), 2)
        query = random.choice((word, f"{word[:3]}*", f'"{" ".join(row)}"', f'"{" ".join(row)}"~3'))
        leaves = wanted_texts(parse(query).node)
        if len(leaves) == 1 and isinstance(leaves[0], Word | Phrase | Prefix | Near) and "org:" not in query:
            held = matches(parse(leaves[0].echo()), a_document(text, language=language))
            assert bool(shown(leaves[0].echo(), text, language)) is held, (query, text)

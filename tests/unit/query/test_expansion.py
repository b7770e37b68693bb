"""A search for a term also finds its names in other languages; what was asked can be asked again."""

from random import Random

import pytest

from services.classifier.lexicon.load import load_lexicon
from services.classifier.model import ClassifiableText
from shared.query.expansion import THINGS, expanded, wider
from shared.query.match import matches
from shared.query.syntax import LONGEST, MOST, parse
from shared.query.terms import Name, Thing, own_form, thing, things, words_of
from tests.documents import a_document
from tests.queries import a_query

EVERY = [(each, name) for each in things() for name in each]


def test_each_name_is_known_by_every_form_of_it_and_names_one_thing_only() -> None:
    owner: dict[str, Thing] = {}
    for each, name in EVERY:
        assert owner.setdefault(own_form(name), each) is each, name
        assert thing(words_of(name.text)) is each, name


def test_each_name_finds_all_the_others() -> None:
    for each, name in EVERY:
        asked = parse(expanded(name.text))
        for other in each:
            document = a_document(f"Über {other.text}", language=other.language)
            assert matches(asked, document), (name, other, asked.echo())


def test_what_was_asked_is_asked_no_further() -> None:
    for number, (_, name) in enumerate(EVERY):  # each name in one of four ways: all would take seconds
        ways = (name.text, f'"{name.text}"', f"title:({name.text})", f"{name.text} Inria OR theme:ai")
        asked = expanded(ways[number % len(ways)])
        assert expanded(asked) == asked


def test_names_of_a_theme_are_terms_of_the_lexicon() -> None:
    """What a search takes for one thing, the classifier reads as a sign of a theme, in one language at least."""
    lexicon = load_lexicon()

    def is_read(name: Name) -> bool:
        text = ClassifiableText(name.text, "", name.language, (name.language,))
        return any(lexicon.read(text, name.language).findings.values())

    unknown = [each[0].text for each in things() if not any(map(is_read, each))]
    assert unknown == []


@pytest.mark.parametrize(
    "query",
    [
        "-hydrogen",
        "NOT (data sovereignty) Inria",
        '"hydrogen"',
        '"data sovereignty"~5',
        "hydro*",
        "theme:energy",
        "",
        "expand:no data sovereignty",
        "data sovereignty erweitern:nein",
        "data theme:ai sovereignty",
    ],
)
def test_what_does_not_name_a_thing_stays_as_it_is(query: str) -> None:
    assert wider(parse(query)).node == parse(query).node


def test_a_search_can_be_kept_to_its_words() -> None:
    assert parse("hydrogen OR wind expand:no").echo() == "(hydrogen OR wind) expand:no"
    assert not parse(parse("hydrogen expand:no").echo()).expands
    assert parse("hydrogen expand:yes").echo() == "hydrogen"


def test_a_query_of_many_terms_is_widened_by_some_of_them() -> None:
    names = [each[0].text for each in things()[: THINGS + 3]]
    asked = parse(expanded(" OR ".join(names)))
    assert sum(matches(asked, a_document(each[1].text, language="de")) for each in things()[:THINGS]) == THINGS
    assert expanded(asked.echo().partition(" expand")[0]).startswith(names[0][:4] if " " not in names[0] else "(")


def test_what_would_grow_too_long_stays_as_it_is() -> None:
    many = " OR ".join(["hydrogen", *(f"w{n}" for n in range(MOST - 1))])
    assert parse(expanded(many)).node == parse(many).node
    long = f"hydrogen {'w' * (LONGEST - 12)}"
    assert parse(expanded(long)).node == parse(long).node


@pytest.mark.parametrize("seed", range(5))
def test_a_wider_query_finds_what_the_query_finds(seed: int) -> None:
    """And its echo parses to itself."""
    random = Random(seed)
    for _ in range(60):
        query = f"{random.choice(EVERY)[1].text} {a_query(random)}"
        asked = wider(parse(query))
        assert parse(asked.echo()).node == asked.node
        for _ in range(3):
            document = a_document(random.choice(EVERY)[1].text, language="en")
            assert matches(asked, document) or not matches(parse(query), document)

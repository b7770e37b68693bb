"""The query grammar."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from shared.errors import QueryError
from shared.query.syntax import parse
from shared.query.tree import Everything, Facet, Is, Prefix, Word
from shared.query.wrong import in_words
from tests.sizes import sizes


@pytest.mark.parametrize(
    ("query", "echo"),
    [
        ("", ""),
        ("  energy   hydrogen ", "energy hydrogen"),
        ("energy AND hydrogen", "energy hydrogen"),
        ("a OR b c -d", "a OR (b c -d)"),
        ("(a OR b) NOT c", "(a OR b) -c"),
        ("-(a b)", "-(a b)"),
        ("--a", "-a"),
        ("-(-a)", "-(-a)"),
        ("((a))", "a"),
        ('"hydrogen  strategy"', '"hydrogen strategy"'),
        ("„Künstliche Intelligenz“ «IA»", '"Künstliche Intelligenz" "IA"'),
        ("kompetenz* KI-Komp*", "kompetenz* KI-Komp*"),
        ("C++ 4.0 KI-Kompetenzzentren 24/7 Gaia-X", "C++ 4.0 KI-Kompetenzzentren 24/7 Gaia-X"),
        ("L'énergie, propre!", "L'énergie propre"),
        ("oder or und", "oder or und"),
        ("title:wind titel:wind TITRE:wind", "title:wind title:wind title:wind"),
        ('title:"solar power" title:sol*', 'title:"solar power" title:sol*'),
        ("source:DFKI -quelle:inria", "source:DFKI -source:inria"),
        ('org:DFKI org:"École Polytechnique"', 'org:dfki org:"ecole polytechnique"'),
        ("country:fr land:Deutschland pays:allemagne", "country:FR country:DE country:DE"),
        ("lang:de langue:français sprache:englisch", "lang:de lang:fr lang:en"),
        ("is:franco-german is:deutsch-französisch", "is:franco-german is:franco-german"),
        ("sovereignty:>0.6 sovereignty:<=,5", "sovereignty:>0.6 sovereignty:<=0.5"),
        ("sovereignty:60% sovereignty: > 0.25", "sovereignty:>=0.6 sovereignty:>0.25"),
        ("after:2026 before:2026-3 since:2026-03-09", "after:2026 before:2026-03 after:2026-03-09"),
        ("theme: energy", "theme:energy"),
        ("theme:(energy OR health) x", "(theme:energy OR theme:health) x"),
        ("http://example.org/a 12:30", "http://example.org/a 12:30"),
        ("Bürger:innen KI: Chancen", "Bürger:innen KI Chancen"),
    ],
)
def test_a_query_is_echoed_as_understood(query: str, echo: str) -> None:
    assert parse(query).echo() == echo
    assert parse(query).repairs == ()
    assert parse(echo).node == parse(query).node


@pytest.mark.parametrize(
    ("written", "theme"),
    [
        ("energy", "energy"),
        ("énergie", "energy"),
        ("energie", "energy"),
        ("Energie", "energy"),
        ("health", "health"),
        ("Santé", "health"),
        ("gesundheit", "health"),
        ('"industrie 4.0"', "industry40"),
        ("industry40", "industry40"),
        ("industrie", "industry40"),
        ("Mobilität", "mobility"),
        ("mobilitaet", "mobility"),
        ('"Klima und Umwelt"', "climate"),
        ("klima", "climate"),
        ("KI", "ai"),
        ("ia", "ai"),
        ('"künstliche intelligenz"', "ai"),
        ("Start-ups", "startups"),
        ("Forschung", "research"),
        ("recherche", "research"),
    ],
)
def test_a_theme_is_known_by_its_names_in_three_languages(written: str, theme: str) -> None:
    assert parse(f"theme:{written}").node == Is(Facet.THEME, theme)


@pytest.mark.parametrize(
    ("query", "echo", "repair"),
    [
        ('"open quote', '"open quote"', "quote"),
        ("(a OR b", "a OR b", "bracket"),
        ("a))", "a", "bracket"),
        ("a OR", "a", "operator"),
        ("OR a", "a", "operator"),
        ("a NOT", "a", "operator"),
        ("a AND", "a", "operator"),
        ("AND a", "a", "operator"),
        ("a AND AND b", "a b", "operator"),
        ("a &", "a", "sign"),
    ],
)
def test_what_is_unfinished_is_repaired_and_reported(query: str, echo: str, repair: str) -> None:
    assert parse(query).echo() == echo
    assert parse(query).repairs == (repair,)


@pytest.mark.parametrize(
    ("query", "position", "hint"),
    [
        ("x theme:enrgy", 8, "energy"),
        ("sovereigntty:>1", 0, "sovereignty"),
        ("a contry:DE", 2, "country"),
        ("foo:bar", 0, "theme:"),
        ("sovereignty:much", 12, "0..1"),
        ("sovereignty:>7", 12, "0..1"),
        ("after:yesterday", 6, "2026-03"),
        ("before:2026-13", 7, "2026-03"),
        ("lang:it", 5, "de, fr, en"),
        ("is:great", 3, "franco-german"),
    ],
)
def test_what_would_mislead_in_silence_is_an_error_with_its_place(query: str, position: int, hint: str) -> None:
    with pytest.raises(QueryError, match=hint) as caught:
        parse(query)
    assert caught.value.position == position


@pytest.mark.parametrize(
    ("query", "key", "position"),
    [
        ("theme:", "field", 0),
        ("theme:(", "field", 6),
        ("energy theme:", "field", 7),
        ("energy theme:()", "field", 13),
        ("energy -source:!", "field", 15),
        ('energy title:"!"', "field", 13),
        ("title:", "field", 0),
        ("theme:energy expand:", "field", 13),
        ('  "', "quote", 2),
        ("((", "bracket", 1),
        (")", "bracket", 0),
        (" AND", "operator", 1),
        ("OR", "operator", 0),
        ("NOT (", "bracket", 4),
        ("()", "sign", 0),
        (" *", "sign", 1),
        ("+++", "sign", 0),
        ("- -", "sign", 0),
        ("\u00ad", "sign", 0),
        ("expand:no (", "bracket", 10),
    ],
)
def test_what_lost_its_words_or_a_value_is_an_error_and_never_finds_everything_or_more(
    query: str, key: str, position: int
) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert (caught.value.key, caught.value.position) == (key, position)
    assert len({in_words(caught.value, language) for language in ("de", "fr", "en")}) == 3


@pytest.mark.parametrize("query", ["x" * 5_000, "(" * 100 + "x", "-x " * 201])
def test_a_monstrous_query_is_refused(query: str) -> None:
    with pytest.raises(QueryError):
        parse(query)


def test_an_empty_query_means_everything() -> None:
    assert parse("   ").node == Everything()
    assert parse(" expand:no ").node == Everything()


def test_a_star_makes_a_prefix_and_signs_around_a_word_fall_away() -> None:
    assert parse("hydro*").node == Prefix("hydro")
    assert parse("*hydro,").node == Word("hydro")


PIECES = (
    "a KI OR AND NOT - ( ) \" „ * : title: theme: energy foo: C++ sovereignty: >0.5 after:2026-02 is: ' /"
    " ~5 ‚ ‘ ’ › date:2025..2026 the DFKI/Inria 4.0 \u00ad # ß é \x00 lang:de 。 -( )) source: -theme: x* \\ +"
).split(" ")


def understood_or_refused(text: str) -> None:
    try:
        query = parse(text)
    except QueryError as error:
        assert 0 <= error.position <= len(text)  # noqa: PT017 - not every text is an error
        return
    assert query.echo() or not text.strip()
    again = parse(query.echo())
    assert again.node == query.node
    assert again.echo() == query.echo()
    assert again.repairs == ()


@settings(max_examples=300)
@given(some.text(max_size=60))
def test_any_text_is_understood_or_refused_and_its_echo_means_the_same(text: str) -> None:
    understood_or_refused(text)


@sizes(2_000, 10_000)
def test_heaps_of_operators_signs_and_words_are_understood_or_refused(size: int) -> None:
    random = Random(20_260_302)
    for _ in range(size):
        heap = random.choices(PIECES, k=random.randint(1, 14))
        understood_or_refused(random.choice(["", " "]).join(heap))

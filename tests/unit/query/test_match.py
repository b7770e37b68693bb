"""One document against queries."""

from datetime import date

import pytest

from shared.items import ArchivedItem
from shared.query.match import Finding, document_of, matches, why
from shared.query.syntax import parse
from tests.archived import NOON, a_verdict
from tests.documents import a_document

DOCUMENT = a_document(
    "Neue Windparks in der Nordsee",
    "Die Forschung an Wasserstoff kommt voran. Das Saarland investiert.",
    sources=("dfki", "inria"),
    themes=("energy", "climate"),
    organisations=("fraunhofer-gesellschaft",),
    sovereignty=0.6,
    franco_german=True,
    day=date(2026, 3, 2),
)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "wind",
        "windpark forschung",
        "atom OR wind",
        "wind -atom",
        "-(atom OR kohle)",
        '"forschung an wasserstoff"',
        "wasser*",
        "title:wind",
        "title:nord* saarland",
        "source:dfki source:inria source:INRIA",
        "theme:energy theme:klima",
        "org:Fraunhofer-Gesellschaft",
        "country:DE lang:de is:franco-german",
        "sovereignty:>=0.6 sovereignty:<=0.6 sovereignty:=0.6",
        "after:2026 after:2026-03 after:2026-03-02 before:2026-03-03 before:2026-04 before:2027",
    ],
)
def test_a_query_that_holds(query: str) -> None:
    assert matches(parse(query), DOCUMENT)


@pytest.mark.parametrize(
    "query",
    [
        "atom",
        "wind atom",
        "atom OR kohle",
        "-wind",
        '"wasserstoff an forschung"',
        '"windpark"',
        '"nordsee die"',
        "title:forschung",
        "title:wasser*",
        "land",
        "source:bmftr",
        "theme:health",
        "country:FR",
        "lang:fr",
        "-is:franco-german",
        "sovereignty:>0.6",
        "sovereignty:<0.6",
        "after:2026-03-03",
        "before:2026-03-02",
    ],
)
def test_a_query_that_does_not_hold(query: str) -> None:
    assert not matches(parse(query), DOCUMENT)


def test_an_item_without_a_date_counts_as_published_when_first_seen() -> None:
    item = ArchivedItem(
        item_id="one",
        revision=1,
        story="one",
        sources=("dfki",),
        country="de",
        url=None,
        title="Netz",
        summary="Kurz gesagt",
        text="Das Netz wächst.",
        published=None,
        first_seen=NOON,
        verdict=a_verdict(organisations=("École Polytechnique",)),
    )
    assert matches(
        parse('after:2026-03-02 before:2026-03-03 country:DE org:"ecole polytechnique"'), document_of(item)
    )
    assert matches(parse('"kurz gesagt" wächst'), document_of(item))


def test_why_lists_what_speaks_for_and_against() -> None:
    assert why(parse("wind (atom OR theme:energy) -saarland"), DOCUMENT) == (
        Finding("wind", holds=True, denied=False),
        Finding("atom", holds=False, denied=False),
        Finding("theme:energy", holds=True, denied=False),
        Finding("saarland", holds=True, denied=True),
    )

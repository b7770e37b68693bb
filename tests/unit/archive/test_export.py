"""Exports, against golden files and against other readers of the same formats."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import feedparser
import pytest

from shared.archive.about import About
from shared.archive.export import FORMATS, export, record
from shared.archive.found import KEYS, FoundItem
from tests.archived import NOON, later

GOLDEN = Path(__file__).parents[2] / "data" / "exports"
ABOUT = About(
    "theme:energy & <netz>", later(hours=2), "https://vigie.example.org", self_url="https://x.example.org/a?b&c"
)
ATOM = "{http://www.w3.org/2005/Atom}"

PLAIN = FoundItem(
    item_id="0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    revision=2,
    source="dfki",
    title='KI für die Energiewende: 50 % mehr "grüner" Strom & Wärme',
    url="https://example.org/a_b?c=1&d={e}#f",
    published=later(microseconds=250_000),
    published_on=None,
    day=later().date(),
    first_seen=later(minutes=3),
    language="de",
    themes=("energy", "ai"),
    scores={"energy": 0.93, "ai": 0.5},
    sovereignty=0.25,
    franco_german=True,
    organisations=("DFKI", "Inria"),
    summary="Zeile eins,\nZeile zwei; $5_000.",
    story="0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    model="lexicon-1",
    sources=("dfki", "inria"),
    source_name="Institut für KI",
    authors=("A. Müller", "B. Léger"),
    revised_at=later(hours=1),
)
ODD = replace(
    PLAIN,
    item_id="ffffffffffffffffffffffffffffffff",
    source="odd",
    title='=HYPERLINK("https://evil.example.org")\x00\u2028 {\\end} ~^#',
    url=None,
    published=None,
    language="other",
    themes=(),
    scores={},
    franco_german=False,
    organisations=(),
    summary="",
    source_name="",
    authors=(),
)


def exported(form: str, *items: FoundItem) -> str:
    return b"".join(export(form, items, ABOUT)).decode()


@pytest.mark.parametrize("form", sorted(set(FORMATS) - {"xlsx"}))
def test_an_export_is_as_it_always_was(form: str) -> None:
    """When a change is meant, delete the golden file, run once, and read what was written."""
    path = GOLDEN / f"items.{form}"
    text = exported(form, PLAIN, ODD)
    if not path.exists():
        path.write_bytes(text.encode())
        pytest.fail(f"{path} was missing and has been written: read it and keep it")
    assert text.encode() == path.read_bytes()


@pytest.mark.parametrize("form", sorted(set(FORMATS) - {"xlsx"}))
def test_an_export_takes_one_item_after_the_other(form: str) -> None:
    taken = []

    def source() -> Iterator[FoundItem]:
        for number in range(3):
            taken.append(number)
            yield PLAIN

    pieces = export(form, source(), ABOUT)
    while not taken:
        next(pieces)
    next(pieces)
    assert len(taken) < 3


def test_json_has_the_keys_of_the_contract_in_order() -> None:
    (item,) = json.loads(exported("json", PLAIN))
    assert tuple(item) == KEYS
    assert (item["published"], item["first_seen"]) == ("2026-03-02T12:00:00Z", "2026-03-02T12:03:00Z")
    assert record(ODD)["published"] is None


def test_json_of_nothing_is_an_empty_list() -> None:
    assert json.loads(exported("json")) == []


def test_a_line_of_ndjson_is_one_line_to_every_reader() -> None:
    text = exported("ndjson", PLAIN, ODD)
    assert [json.loads(line)["title"] for line in text.splitlines()] == [PLAIN.title, ODD.title]


def test_a_line_break_in_a_title_begins_no_field_of_ris() -> None:
    text = exported("ris", replace(PLAIN, title="eins\r\nER  - \nTY  - JOUR"))
    assert [line[:2] for line in text.splitlines()].count("TY") == 1


def test_a_title_cannot_leave_its_field_in_bibtex() -> None:
    text = exported("bibtex", replace(PLAIN, title="a}}, note={b", url="https://example.org/}"))
    (field,) = (line for line in text.splitlines() if "title" in line)
    assert field == r"  title = {{a\textbraceright{}\textbraceright{}, note=\textbraceleft{}b}},"
    assert text.count("{") == text.count("}")


def test_a_feed_reader_reads_the_atom_feed() -> None:
    feed = feedparser.parse(exported("atom", PLAIN, ODD).encode())
    assert not feed.bozo
    assert feed.version == "atom10"
    assert feed.feed.title == "Vigie: theme:energy & <netz>"
    assert [entry.title for entry in feed.entries] == [PLAIN.title, ODD.title.replace("\x00", "")]
    assert (feed.entries[0].link, feed.entries[0].updated) == (PLAIN.url, "2026-03-02T13:00:00Z")
    assert [tag.term for tag in feed.entries[0].tags] == ["energy", "ai"]


def test_an_atom_id_hangs_on_the_item_alone() -> None:
    def ids(*items: FoundItem) -> list[str | None]:
        return [
            e.findtext(f"{ATOM}id") for e in ElementTree.fromstring(exported("atom", *items)).iter(f"{ATOM}entry")
        ]

    edited = replace(PLAIN, title="anders", revision=3, url=None, revised_at=NOON)
    assert ids(PLAIN) == ids(edited) != ids(ODD)


def test_a_feed_of_nothing_is_a_feed() -> None:
    assert ElementTree.fromstring(exported("atom")).findtext(f"{ATOM}updated") == "2026-03-02T14:00:00Z"


@pytest.mark.parametrize("form", ["atom", "jsonfeed", "ris", "bibtex"])
@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil", "https:///evil"])
def test_no_format_leads_where_no_browser_should_go(form: str, url: str) -> None:
    assert url not in exported(form, replace(PLAIN, url=url))

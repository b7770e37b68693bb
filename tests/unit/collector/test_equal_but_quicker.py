"""What has a quick way for the usual case says the same as the long way round, whatever is written."""

import zlib
from collections.abc import Callable
from datetime import tzinfo
from itertools import pairwise
from random import Random
from typing import Final
from urllib.parse import urljoin, urlsplit

from services.collector.attached import pdf_of
from services.collector.dates import Dated, _calendar_date, _folded, _standard, zone_of
from services.collector.entries import NO_LINK, link
from services.collector.plain.values import _SLASHES, joined
from services.collector.similarity import SHORT, SKETCH, Prints, _words
from shared.errors import BadInput
from shared.identity import _CANONICAL, canonical_url
from shared.text.fold import _bare, _without_accents, accented_word
from shared.text.html import _pieces, tidy
from shared.text.usual import usual_words

WORDS: Final = (
    "Énergie über straße update mœurs 1,5 x_y 日本 İstanbul ß \u0301e ﬁn a-b 2026 \n \u2028 <b> ü".split(" ")
)
PIECES: Final = (
    *"/ // .. . a Ex.org example.org [::1] :80 :99999 ? # & utm_source=1 b=2 ;jsessionid=1 %2F %c3%a9 %7e".split(),
    *("é", "@", "u:p@", "x.pdf", ".PDF", "%2Epdf", "'", "(", "|", "\\", "^", "!/r", "=", "+", "mailto:", "n/a"),
    *("\x01", "\ud800", "😀", " ", "\t", "\n"),
)
BASES: Final = ("", "http://base.org/a/b?c=d#e", "https://base.org", "https://base.org/x/")
LETTERS: Final = [chr(at) for at in (*range(0x20, 0x530), *range(0x1E00, 0x2300))] + list(
    "éäöüß \u0301\u034f"
) * 60


def drawn_addresses(dice: Random, many: int) -> list[tuple[str, str]]:
    starts = ("http://", "https://", "HTTP://", "//", "", "https://example.org", "http://a.b:80")
    tails = ("".join(dice.choice(PIECES) for _ in range(dice.randrange(7))) for _ in range(many))
    return [(dice.choice(starts) + tail, dice.choice(BASES)) for tail in tails]


def in_full(written: str, base: str) -> str | None:
    try:
        return canonical_url(urljoin(base, written.strip()))
    except (BadInput, ValueError):
        return None


def test_an_address_in_full_is_the_same_with_and_without_a_base(dice: Random) -> None:
    for written, base in drawn_addresses(dice, 3000):
        if written.strip() and not NO_LINK.fullmatch(written):
            assert link(written, base) == in_full(written, base)
        try:
            expected = urljoin(base, _SLASHES.sub(r"\1", written.strip())) if written.strip() else ""
        except ValueError:
            expected = ""
        assert joined(base, written) == expected


def test_an_enclosure_is_a_pdf_where_its_canonical_address_says_so(dice: Random) -> None:
    for written, base in drawn_addresses(dice, 3000):
        address = link(written, base)
        names_it = address is not None and urlsplit(address).path.lower().endswith(".pdf")
        assert (pdf_of([(written, "image/png")], (), base) is not None) == names_it
        assert pdf_of([(written, "application/pdf")], (), base) == address


def test_a_sketch_is_the_smallest_checksums_of_all_pairs_of_words(dice: Random) -> None:
    for _ in range(300):
        text = " ".join(dice.choice(WORDS) for _ in range(dice.choice((0, SHORT - 1, SHORT, 60))))
        words = _words(text)
        pairs = {zlib.crc32(f"{first} {second}".encode()) for first, second in pairwise(words)}
        smallest = "".join(f"{value:08x}" for value in sorted(pairs)[:SKETCH])
        assert Prints("", text).sketch == (smallest if len(words) >= SHORT else "")


def test_letters_lose_their_accents_alone_as_they_do_among_others(dice: Random) -> None:
    for _ in range(3000):
        text = "".join(dice.choice(LETTERS) for _ in range(dice.randrange(1, 9)))
        accented = accented_word(text)
        assert _without_accents(accented) == _bare(accented)


DATES: Final = (
    *"1 9 09 30 31 32 00 24:00 10:20 08:00:00 23:59:60 00:00:00 22:00:00 2026 1989 0001 26 99999".split(),
    *"Nov nov. mars Mär Foo June T t Z z GMT UTC CET gmt+1 +0000 -0000 +01:00 -1430 +1460 .5 , -".split(),
    *("Mon,", "Fr,", "Montag,", " ", "  ", "2026-11-30", "2026-02-30", "2026-11-30T08:00:00", "30.11.2026"),
)


def a_date(dice: Random) -> str:
    """Mostly as the standards have it, or nearly so."""
    if dice.random() < 0.3:
        return " ".join(dice.choices(DATES, k=dice.randrange(1, 7)))
    days = ("Mon, 30 Nov 2026 ", "1 jan 2025 ", "Tue, 31 Apr 2026 ", "30 mae 2026 ", "2026-11-30T", "1985-01-01t")
    clock = dice.choice(("08:00:00", "00:00:00", "23:00:00", "22:00:00.25", "8:00", "24:00:00", "12:60:00", ""))
    zones = (
        " +0000",
        " GMT",
        "Z",
        "z",
        "+01:00",
        " -0500",
        "-14:59",
        " +0160",
        " +1500",
        "",
        " CEST",
        " +0200 (C)",
    )
    return dice.choice(days) + clock + dice.choice(zones)


def found_by(reader: Callable[[str, tzinfo], Dated | None], text: str, zone: tzinfo) -> Dated | str | None:
    try:
        return reader(text, zone)
    except ValueError:
        return "no day"


def test_a_date_by_the_standards_is_read_as_any_other(dice: Random) -> None:
    read = 0
    for _ in range(3000):
        text, zone = _folded(a_date(dice)), zone_of(dice.choice(("DE", "GB", "US")))
        quick = found_by(_standard, text, zone)
        if quick is not None:
            read += 1
            assert quick == found_by(_calendar_date, text, zone), text
    assert read > 150


def test_an_address_that_is_canonical_as_it_stands_is_not_taken_apart(dice: Random) -> None:
    known = 0
    for tail, _ in drawn_addresses(dice, 3000):
        written = (
            dice.choice(("", "http://ex.org", "https://a-b.c:8080/x", "http://a.b:443/", "https://1.2.3.4/.a/"))
            + tail
        )
        if _CANONICAL.fullmatch(written):
            known += 1
            assert canonical_url(f" {written}") == written  # a space, and it goes the long way
    assert known > 20


MARKUP: Final = (
    *("Wort", "ü", "&amp;", "&lt;", " ", "\n", " &nbsp;", "&hellip;", "&#8230;", "a b", ".", "„", "é", "\u00ad"),
    *("&lang;", "&apos;", "&nbsp", "&#150;", "&#233;", "1", "\t", "\u2028", "&", "&#55357;", "&NBSP;"),
)
ATTRIBUTES: Final = ("", "", ' class="x y"', ' href="http://x.y/?a=1&b=2"', ' alt=""', ' id="a &quot;"', " id=a")
ELEMENTS: Final = "a strong b em i u sub sup small p p h1 h2 h6 ul ol li div blockquote span table td".split()


def some_markup(dice: Random, inside: str = "", depth: int = 0) -> str:
    """Of the usual elements, seldom badly nested."""
    pieces = []
    for _ in range(dice.randrange(5)):
        attributes, chance = dice.choice(ATTRIBUTES), dice.random()
        if chance < 0.45:
            pieces.append("".join(dice.choice(MARKUP[:14] if chance < 0.4 else MARKUP) for _ in range(3)))
        elif chance < 0.6:
            pieces.append(f"<{dice.choice(('br', 'img', 'hr'))}{attributes}{dice.choice((' /', '/', ''))}>")
        elif depth < 5:
            name = "li" if inside in ("ul", "ol") and dice.random() < 0.8 else dice.choice(ELEMENTS[:-3])
            words = some_markup(dice, name, depth + 1)
            pieces.append(f"<{name}{attributes}>{words}</{name if dice.random() < 0.98 else 'p'}>")
    return "".join(pieces)


def test_usual_markup_has_the_words_that_the_parser_finds(dice: Random) -> None:
    usual = 0
    for _ in range(3000):
        markup = some_markup(dice)
        words = usual_words(markup) if "<" in markup else None
        if words is not None:
            usual += 1
            assert tidy(words) == tidy("".join(_pieces(markup))), markup
    assert usual > 150

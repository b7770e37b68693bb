"""What has a quick way for the usual case says the same as the long way round, whatever is written."""

import zlib
from itertools import pairwise
from random import Random
from typing import Final
from urllib.parse import urljoin, urlsplit

from services.collector.attached import pdf_of
from services.collector.entries import NO_LINK, link
from services.collector.plain.values import _SLASHES, joined
from services.collector.similarity import SHORT, SKETCH, _words, prints
from shared.errors import BadInput
from shared.identity import canonical_url
from shared.text.fold import _bare, _without_accents, accented_word

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
        assert prints("", text).sketch == (smallest if len(words) >= SHORT else "")


def test_letters_lose_their_accents_alone_as_they_do_among_others(dice: Random) -> None:
    for _ in range(3000):
        text = "".join(dice.choice(LETTERS) for _ in range(dice.randrange(1, 9)))
        accented = accented_word(text)
        assert _without_accents(accented) == _bare(accented)

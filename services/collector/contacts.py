"""Pure. Cuts from a text what is about the press officer and not about the news: blocks, addresses, numbers.

Names, telephone numbers and mail addresses of persons are personal data that nobody needs to find, tag or cite a
publication. What is cut never decides whether a publication changed: that is told from the words as published.
"""

import re
from collections.abc import Iterator
from typing import Final

LONGEST_HEADING: Final = 90  # letters of a line that opens a block
LONGEST_LINE: Final = 140  # of a line inside of one
MOST_LINES: Final = 18
_OPENS: Final = re.compile(
    r"^\W*("
    r"((presse|medien|wissenschaftliche[rn]? )?(kontakt|ansprech(partner(innen|in)?|person(en)?)|r(ü|ue)ckfragen)"
    r"|(presse|medien)(kontakte?|stelle|anfragen)"
    r"|ihre? (presse)?(kontakt|ansprech(partner(innen|in)?|person(en)?))|kontakte? f(ü|ue)r (die )?(presse|medien)"
    r"|f(ü|ue)r (weitere )?(r(ü|ue)ckfragen|informationen|ausk(ü|ue)nfte))\b"
    r"|(vo(tre|s) )?contacts? ?(presse|m(é|e)dias?|scientifiques?|chercheu(r|se)s?)?\s*(:|$)"
    r"|(relations?|service de) presse\b"
    r"|(press|media|scientific) (contacts?|office|enquir(y|ies)|inquir(y|ies))\b"
    r"|(for )?(further|more) information(\s*:|,? (please )?contact)"
    r")",
    re.IGNORECASE,
)
_MAIL: Final = re.compile(
    r"(?:mailto:)?[\w.+-]{1,64}\s?(?:@|\(at\)|\[at\])\s?[\w-]{1,63}(?:\.[\w-]{1,63})+", re.IGNORECASE
)
# what is a number without saying so: 01 23 45 67 89, 0681 / 85775-0, 020 7946 0000
_KNOWN_SHAPE: Final = (
    r"0[1-9](?:[ .]\d\d){4}(?!\d)|0[1-9]\d{1,4}\s?/\s?\d[\d -]{4,16}\d|0\d{2,4} \d{3,4} \d{4}(?!\d)"
)
_NUMBER: Final = r"(?:\+|00)?\(?\d[\d\s()/.\u2010-\u2013-]{5,22}\d"
_PHONE: Final = re.compile(
    rf"\b(?:tel(?:efon|ephone)?|t(?:é|e)l(?:(?:é|e)phone)?|fon|phone|mobil(?:e|telefon)?|portable|handy|fax|durchwahl)\b"
    rf"\s*(?:\(\w+\))?\s*[.:]{{0,2}}\s*{_NUMBER}"
    rf"|(?<![\w/.,])(?:\b[tfm]\s?[.:]?\s?(?=\+))?(?:{_KNOWN_SHAPE}|(?:\+|00)[1-9]\d[\d\s()/.\u2010-\u2013-]{{6,20}}\d)",
    re.IGNORECASE,
)
# the next heading: what follows is about the body
_GOES_ON: Final = re.compile(r"(über (das|den|die|uns)|about (the|us)|(à|a) propos)\b", re.IGNORECASE)
_LABEL: Final = re.compile(
    r"(?:\b(?:e-?mail|courriel|m(?:é|e)l)\s*:?\s*)(?=[,;.|)]|\s*$)", re.IGNORECASE | re.MULTILINE
)
_LEFT: Final = re.compile(r"[ \t]*\(\s*[,;:|/]*\s*\)|[ \t]+(?=[,;.)])|(?<=[,;:|])\s*(?=[,;|]|$)", re.MULTILINE)
# one of these is in everything that the other expressions find
_PARTS: Final = "@ (at) + kontakt contact ansprech ckfrag presse medien information ausk office quir".split()
_CALLED: Final = ("tel", "tél", "te\u0301l", "fax", "phone")
_NUMBER_GOES_ON: Final = re.compile(r"[ /-]\d{3}|0\d(?:[ .]\d\d){4}")
_PERSONAL: Final = re.compile(
    r"@|\(at\)|\btel|\bt(é|e)l|\bfax|\bphone|\+\d\d|\d{3} ?[ /-] ?\d{3}|0\d(?:[ .]\d\d){4}", re.IGNORECASE
)


def without_contacts(text: str) -> str:
    """`text` without contact blocks, mail addresses and telephone numbers; without any, as it is."""
    if not _may_hold_contacts(text):
        return text
    if not (_PERSONAL.search(text) or any(_opens(line) for line in text.split("\n"))):
        return text
    kept = "\n".join(_outside_of_blocks(text.split("\n")))
    cut = _PHONE.sub("", _MAIL.sub("", kept))
    if cut != kept:
        cut = _LEFT.sub("", _LABEL.sub("", cut))
    return re.sub(r"\n{2,}", "\n", cut).strip()


def _may_hold_contacts(text: str) -> bool:
    """Whether `_PERSONAL` or `_OPENS` may find anything: most texts hold no part of that."""
    folded = text.casefold()
    for part in _PARTS:  # as plain as this it costs half, and every text comes by
        if part in folded:
            return True
    if _NUMBER_GOES_ON.search(text):
        return True
    for word in _CALLED:
        if word in folded:
            return bool(_PERSONAL.search(text))
    return False


def _outside_of_blocks(lines: list[str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        end = _block_end(lines, at) if _opens(lines[at]) else at
        if end > at:
            at = end
            continue
        yield lines[at]
        at += 1


def _opens(line: str) -> bool:
    return len(line) <= LONGEST_HEADING and bool(_OPENS.match(line))


def _block_end(lines: list[str], start: int) -> int:
    """Behind the lines that belong to the heading; `start` where nothing personal follows it."""
    end = start + 1
    while end < len(lines) and end - start < MOST_LINES and len(lines[end]) <= LONGEST_LINE:
        if (
            lines[end].rstrip().endswith((".", "!", "?"))
            and not _PERSONAL.search(lines[end])
            and len(lines[end]) > 60
        ):
            break  # a sentence: the text goes on
        if _GOES_ON.match(lines[end]) and not _PERSONAL.search(lines[end]):
            break
        end += 1
    return end if any(_PERSONAL.search(line) for line in lines[start:end]) else start

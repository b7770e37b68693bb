"""Pure. The links of a newsletter: which lead to news, which to its own business, which follow people.

A dispatcher writes its own address in place of each link, another one for every recipient: who follows it is
counted, and known. Where the target can be read from such a link it is taken; else nobody is sent there, and
nothing is ever fetched from there. What leads to leaving, confirming, preferences and the like is no entry.
"""

import base64
import binascii
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import md5, sha1, sha256
from typing import Final
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit, urlunsplit

from services.collector.entries import link
from services.collector.newsletter.words import SEGMENT, is_business
from shared.shown_url import looks_random

DEPTH: Final = 4  # redirectors within one another


class Leads(StrEnum):
    """Where a link leads."""

    NEWS = "news"
    HIDDEN = "hidden"  # to news, by way of a dispatcher that knows who follows it
    AWAY = "away"  # to the newsletter's own business: leaving, preferences, imprint, social networks


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a newsletter. `url` is canonical, and None unless it leads to news in the open."""

    leads: Leads
    url: str | None = None


_SOCIAL: Final = re.compile(
    r"(^|\.)(facebook|twitter|x|linkedin|xing|instagram|threads|tiktok|pinterest|whatsapp|bsky|mastodon)\.(com|net|app|social)$"
    r"|(^|\.)(t\.me|wa\.me)$"
)
_FILES: Final = re.compile(r"\.(ics|vcf|jpe?g|png|gif|webp|svg|zip)$", re.IGNORECASE)
_FOLLOWS: Final = re.compile(
    r"(^|\.)(list-manage\.com|mjt\.lnk|sendibm\d*\.com|crsend\.com|emailsys\w*\.net|hubspotlinks\.com|rapidmail\.\w+|cleverreach\.com"
    r"|mailchi\.mp|exacttarget\.com|en25\.com|safelinks\.protection\.outlook\.com|urldefense\.(com|proofpoint\.com)|inx\d*\.net"
    r"|bit\.ly|t\.co|lnkd\.in|tinyurl\.com|ow\.ly|goo\.gl|is\.gd|buff\.ly|dlvr\.it|rebrand\.ly|shorturl\.at)$"
    r"|^(click|clicks|link|links|track|tracking|trk|clk|ablinks?|url\d+|elink|etrack)\d*\."
)
_FOLLOWING_PATH: Final = re.compile(
    r"/(ls/click|wf/click|track(ing)?(/click)?|click(track)?(\.php|\.aspx)?|clk|trk|linktrack(er|ing)?|link\.php|lnk|mk/cl|rdr"
    r"|redir(ect)?(\.php|\.aspx)?|e3t|optiext|d/d\.html|tr/cl|jump(url)?|outgoing)(/|$)",
    re.IGNORECASE,
)
_TARGETS: Final = (
    "url u q to r target targeturl redirect redirect_url redirecturl redirect_to redir link dest destination goto "
    "go jumpurl href out l lnk ziel"
).split()
_DISPATCHED: Final = re.compile(  # what dispatchers add to the publisher's own addresses
    r"(e-?mail|recipient|subscriber|contact|customer|mailing|campaign|send|message|nl|newsletter)_?-?(id|hash|key|token|code)?"
    r"|rid|eid|authcode|ac|ck_subscriber_id|sc_\w+|dm_i|trk\w*|cm_\w+|elq\w*|oft_\w+|inx\w*|ml_\w+|bbeml|vgo_ee|wkid|_ke|sfmc_\w+"
    r"|jumpurl|nlid|cleverreach\w*|mc_\w+",
    re.IGNORECASE,
)
_MEANT: Final = re.compile(r"chash|tx_.*|v|id|lang|language|locale|l|type|page|p", re.IGNORECASE)
_BASE64: Final = re.compile(r"aHR0c[A-Za-z0-9_\-+/=]{8,}")
_SHOWN: Final = re.compile(  # an address in a text, without the stop behind it
    r"(?:https?://|\bwww\.)[^\s<>\"]{0,2000}[^\s<>\".,;:!?)\]»”]", re.IGNORECASE
)
_EMPTY: Final = re.compile(r"[ \t]*(<\s*>|\(\s*\)|\[\s*\])|[ \t]+$", re.MULTILINE)
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NUMBERED: Final = ("doi.org", "dx.doi.org", "arxiv.org")  # whose addresses are numbers
_WORDS: Final = re.compile(r"[^\W\d_]{3,}")


class Links:
    """The links of one newsletter. `own` are the domains of its publisher, `recipients` whom it came to."""

    def __init__(
        self, written: Iterable[str], *, own: Collection[str], recipients: Collection[str], leave: Collection[str]
    ) -> None:
        self._own = own
        self._read: dict[tuple[str, str], Link | None] = {}
        self._people = _spellings(address for address in recipients if "@" in address)
        self._leave = {_place(url) for url in leave}
        targets = [target for href in dict.fromkeys(written) if (target := _target(href)) is not None]
        self._dispatchers = _dispatchers(targets, own)
        self._constant = _constant(targets)

    def read(self, written: str, words: str) -> Link | None:
        """What a link is, by its address and the words on it; None for what is no link to another page."""
        key = written, words
        if key not in self._read:
            self._read[key] = self._judged(written, words)
        return self._read[key]

    def is_own(self, url: str) -> bool:
        """Whether an address is the publisher's own."""
        return _is_own(urlsplit(url).hostname or "", self._own)

    def cleaned(self, text: str) -> str:
        """A text whose addresses lead to news in the open; others are left out, with the brackets around them."""
        if not _SHOWN.search(text):
            return text
        return re.sub(r"[ \t]{2,}", " ", _EMPTY.sub("", _SHOWN.sub(self._shown, text))).strip()

    def _shown(self, found: re.Match[str]) -> str:
        address = found[0] if "://" in found[0] else f"https://{found[0]}"
        link_ = self.read(address, "")
        return link_.url if link_ and link_.leads is Leads.NEWS and link_.url else ""

    def _judged(self, written: str, words: str) -> Link | None:
        if not written.lstrip().lower().startswith(("http://", "https://")):
            return None
        target = _target(written)
        if target is None:
            return Link(Leads.HIDDEN)
        parts = urlsplit(target)
        if self._is_away(parts, words) or _place(written) in self._leave:
            return Link(Leads.AWAY)
        if self._follows(parts):
            return Link(Leads.HIDDEN)
        url = link(urlunsplit(parts._replace(query=self._query(parts))), target)
        return Link(Leads.NEWS, url) if url else None

    def _is_away(self, parts: SplitResult, words: str) -> bool:
        said = " ".join(words.split())
        host = (parts.hostname or "").lower()
        if _SOCIAL.search(host) or _FILES.search(parts.path):
            return True
        if is_business(said):
            return True
        if any(SEGMENT.fullmatch(part.rpartition(".")[0] or part) for part in parts.path.split("/") if part):
            return True
        home = re.fullmatch(r"/?([a-z]{2}/?)?", parts.path) and not parts.query
        return bool(home) or bool(re.search(r"unsubscribe|opt-?out|abmeld", parts.query, re.IGNORECASE))

    def _follows(self, parts: SplitResult) -> bool:
        """Whether the address tells the dispatcher who followed it."""
        host = (parts.hostname or "").lower()
        if _FOLLOWS.search(host) or _FOLLOWING_PATH.search(parts.path) or host in self._dispatchers:
            return True
        if re.search(r"(^|&)jumpurl=", parts.query, re.IGNORECASE):  # TYPO3's: the number of a link of the mail
            return True
        return any(_is_token(unquote(part)) or self._names(part) for part in parts.path.split("/"))

    def _query(self, parts: SplitResult) -> str:
        """What is left of the query without what tells who was written to."""
        kept = []
        for pair in parts.query.split("&"):
            name, _, value = pair.partition("=")
            meant = _MEANT.fullmatch(unquote(name))
            follows = not meant and (_DISPATCHED.fullmatch(name) or _is_token(unquote(value)))
            constant = not meant and (parts.hostname, pair) in self._constant
            if not (follows or constant or self._names(value)):
                kept.append(pair)
        return "&".join(kept)

    def _names(self, text: str) -> bool:
        """Whether a piece of an address is the recipient's, in whatever spelling."""
        plain = unquote(text).lower()
        return any(spelling in plain for spelling in self._people)


def _target(written: str) -> str | None:
    """The address behind redirectors that name it; None for what is no web address."""
    address = written.strip()
    for _ in range(DEPTH):
        try:
            parts = urlsplit(address)
        except ValueError:
            return None
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            return None
        inner = _inner(parts)
        if inner is None:
            return address
        address = inner
    return address


def _inner(parts: SplitResult) -> str | None:
    if found := re.search(r"/v3/__(https?:/{1,2}[^_].*?)__;", parts.path):  # urldefense
        return re.sub(r"^(https?):/+", r"\1://", found[1])
    for name, value in parse_qsl(parts.query, max_num_fields=None)[:100]:
        plain = value if value.lower().startswith(("http://", "https://")) else unquote(value)
        if name.lower() in _TARGETS and plain.lower().startswith(("http://", "https://")):
            return plain
    for piece in (*parts.path.split("/"), *(value for _, value in parse_qsl(parts.query)[:100])):
        if _BASE64.fullmatch(piece) and (decoded := _decoded(piece)):
            return decoded
    return None


def _decoded(piece: str) -> str | None:
    padded = piece.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        text = base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    return text if text.startswith(("http://", "https://")) and text.isprintable() else None


def _dispatchers(targets: Sequence[str], own: Collection[str]) -> frozenset[str]:
    """Hosts that are not the publisher's, and that three links and more go to without a word in any of them.

    Such an address says which mail, which link and to whom: in two pieces at least. A number alone names a page.
    """
    by_host: Mapping[str, set[str]] = defaultdict(set)
    for target in targets:
        parts = urlsplit(target)
        by_host[(parts.hostname or "").lower()].add(f"{parts.path}?{parts.query}")
    return frozenset(
        host
        for host, places in by_host.items()
        if len(places) >= 3 and not _is_own(host, own) and all(map(_is_numbers, places)) and host not in _NUMBERED
    )


def _is_numbers(place: str) -> bool:
    """Whether an address says nothing of what is there: no two words, and several pieces with a digit."""
    pieces = [unquote(piece) for piece in re.split(r"[/?&=]", place) if piece]
    if any(len(_WORDS.findall(piece)) >= 2 and not _is_token(piece) for piece in pieces):
        return False
    return sum(any(letter.isdigit() for letter in piece) for piece in pieces) >= 2


def _is_own(host: str, own: Collection[str]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in own)


def _constant(targets: Sequence[str]) -> frozenset[tuple[str | None, str]]:
    """Pairs of a query that all links to a host share, whatever the page: they tell which mail it was."""
    pages: Mapping[str | None, set[str]] = defaultdict(set)
    shared: Counter[tuple[str | None, str]] = Counter()
    for target in targets:
        parts = urlsplit(target)
        if parts.path in pages[parts.hostname]:
            continue
        pages[parts.hostname].add(parts.path)
        shared.update((parts.hostname, pair) for pair in set(parts.query.split("&")) if "=" in pair)
    return frozenset(each for each, number in shared.items() if number >= 3 and number == len(pages[each[0]]))


def _is_token(piece: str) -> bool:
    """Whether a piece of an address was made for one recipient: nobody writes so."""
    if _UUID.fullmatch(piece):
        return True
    words = [word for word in re.split(r"[-_.]", piece) if word]
    readable = sum(bool(re.fullmatch(r"[a-zäöüßà-ÿ]{2,}|\d{1,8}|[A-ZÄÖÜ]?[a-zäöüßà-ÿ]+", word)) for word in words)
    if len(words) >= 3 and readable >= 0.6 * len(words):
        return False
    return looks_random(piece)


def _place(url: str) -> str:
    """An address without scheme and query, for comparing."""
    parts = urlsplit(url.strip())
    return f"{(parts.hostname or '').lower()}{parts.path.rstrip('/')}?{parts.query}"


def _spellings(addresses: Iterable[str]) -> frozenset[str]:
    """An address as dispatchers write it into links."""
    found = set()
    for address in addresses:
        raw = address.encode()
        found |= {address, quote(address, safe="").lower(), base64.b64encode(raw).decode().rstrip("=").lower()}
        found |= {digest(raw).hexdigest() for digest in (md5, sha1, sha256)}
    return frozenset(found)

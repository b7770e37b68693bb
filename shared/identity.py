"""Pure. What makes two records the same publication: the canonical address, the ids, the hash of the words."""

import hashlib
import re
from typing import Final
from urllib.parse import quote, unquote_to_bytes, urlsplit, urlunsplit

from shared.errors import BadInput
from shared.shown_url import without_secrets

# Parameters that say how a reader came, not what is read. Seen in feeds: wt_mc (heise), xtor (French SPIP sites),
# at_medium and at_campaign (BBC), utm_* (everywhere).
_TRACKING: Final = re.compile(
    r"(utm|at|mtm|hsa|wt)_\w+|(pk|piwik|matomo)_(campaign|kwd|keyword|source|medium|content|cid|group|placement)"
    r"|ns_(campaign|mchannel|source|linkname|fee)|wtmc|wt\.mc\w*|xtor|cmpid|fbclid|gclid|dclid|msclkid|yclid|twclid"
    r"|igshid|mc_cid|mc_eid|mkt_tok|vero_id|_hsenc|_hsmi|phpsessid|jsessionid",
    re.IGNORECASE,
)
_SESSION: Final = re.compile(r";jsessionid=[^/?#;]*", re.IGNORECASE)  # Government Site Builder adds it to links
_PLAIN_HOST: Final = re.compile(r"[a-z0-9._-]+")
_DOTS: Final = re.compile(r"(^|/)\.\.?(/|$)")
_LINE_ENDS: Final = re.compile(r"[\t\r\n]")
# an address that is canonical as it stands: most links of most feeds
_CANONICAL: Final = re.compile(
    r"https?://[a-z0-9_-]+(?:\.[a-z0-9_-]+)*(?::(?:[1-9]\d{3}|[1-5]\d{4}))?(?:/(?!\.)[a-zA-Z0-9:@!$&'()*+,=~._-]*)+"
)
_ESCAPES: Final = re.compile(r"((?:%[0-9a-fA-F]{2})+)")
_NEEDS_NO_ESCAPE: Final = re.compile(r"[a-zA-Z0-9/:@!$&'()*+,;=~._-]*")
_PORTS: Final = {"http": 80, "https": 443}
_KEPT: Final = "/:@!$&'()*+,;=~-._"  # characters of a path or query that stand for themselves
_LONGEST: Final = 2000  # what browsers, mails and indexes agree to carry


def canonical_url(url: str) -> str:
    """`url` in the one form that we store, compare and show: without tracking parameters, fragment, credentials.

    Applying it twice changes nothing. Raises BadInput for what is no http or https address.
    """
    if len(url) <= _LONGEST and _CANONICAL.fullmatch(url):
        return url
    try:
        written = url.strip().encode("utf-8", "replace").decode()  # a lone surrogate cannot be escaped
        parts = urlsplit(_LINE_ENDS.sub("", written))
        name, port = parts.hostname or "", parts.port
    except ValueError:  # its words quote what it took for the port, perhaps a password
        raise BadInput(
            f"{without_secrets(url[:200])!r} is not a web address: host or port cannot be read"
        ) from None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not name:
        raise BadInput(
            f"{without_secrets(url[:200])!r} is not a web address: http:// or https:// and a host are needed"
        )
    host = _host(name)
    netloc = host if port in (None, _PORTS[scheme]) else f"{host}:{port}"
    path = _escaped(_SESSION.sub("", _without_dots(parts.path))) or "/"
    canonical = urlunsplit((scheme, netloc, path, _query(parts.query), _route(parts.fragment)))
    if len(canonical) > _LONGEST:
        raise BadInput(f"the address {without_secrets(url[:80])!r}… is longer than {_LONGEST} characters")
    return canonical


def item_id_for_url(canonical: str) -> str:
    """The id of the item at a canonical address. A site that moves from http to https keeps its items."""
    return _digest("url", canonical.partition("://")[2])


def item_id_for_guid(source: str, guid: str) -> str:
    """The id of an item that only its source can name."""
    return _digest("guid", source, guid)


def content_hash(title: str, summary: str, text: str) -> str:
    """Identifies the words, whatever the white space between them."""
    return _digest("words", *(" ".join(part.split()) for part in (title, summary, text)))


def _digest(*parts: str) -> str:
    joined = "\x00".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()[:32]


def _host(name: str) -> str:
    host = name.lower().rstrip(".")
    if _PLAIN_HOST.fullmatch(host):
        return host
    if ":" in host:
        return f"[{host}]"
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise BadInput(f"the host name {name!r} cannot be encoded") from error
    if not _PLAIN_HOST.fullmatch(host):
        raise BadInput(f"the host name {name!r} has characters that no host name has")
    return host


def _without_dots(path: str) -> str:
    """RFC 3986 section 5.2.4, for the paths that contain `.` or `..` segments."""
    if not _DOTS.search(path):
        return path
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            kept = kept[:-1] if len(kept) > 1 else kept  # the first is the empty one before the leading slash
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept)


def _query(query: str) -> str:
    kept = [part for part in query.split("&") if part and not _TRACKING.fullmatch(part.partition("=")[0])]
    return "&".join(_escaped(part, "?/") for part in kept)


def _route(fragment: str) -> str:
    """A fragment that names a page of its own (`#!/news/1`) stays; one that names a place in the page goes."""
    return _escaped(fragment) if fragment.startswith(("!", "/")) else ""


def _escaped(text: str, more: str = "") -> str:
    """One spelling of the percent signs: decoded where the character needs none, upper case where it does."""
    if _NEEDS_NO_ESCAPE.fullmatch(text):
        return text
    pieces = _ESCAPES.split(text)
    plain = _KEPT + "%" + more
    return "".join(_respelled(piece) if odd % 2 else quote(piece, safe=plain) for odd, piece in enumerate(pieces))


def _respelled(escapes: str) -> str:
    """Unreserved characters decoded, everything else kept as an escape: `%2F` is not a slash."""
    return "".join(
        chr(byte) if chr(byte).isascii() and (chr(byte).isalnum() or chr(byte) in "-._~") else f"%{byte:02X}"
        for byte in unquote_to_bytes(escapes)
    )

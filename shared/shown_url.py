"""Pure. Addresses of sources as people may see them: without user, password and what looks like a key.

Feeds of project tools, and those that are paid for, carry a key in the query. Pages, API and logs are read by more
people than may use it.
"""

import re
from typing import Final
from urllib.parse import unquote, urlsplit

HIDDEN: Final = "***"
_NAMES: Final = re.compile(
    r"token|secret|passw|passphrase|pwd|(api|access|private|rss|feed|user|auth|subscription)[_-]?key|^key$|auth|"
    r"signature|^sig$|credential|session|^sid$|^pass$|^code$|^jwt$|^hmac$|^hash$|^uuid$|^guid$",
    re.IGNORECASE,
)
_RANDOM: Final = re.compile(r"[A-Za-z0-9+/=_.~-]{16,}")
_TURN: Final = re.compile(r"(?<=[0-9])(?=[A-Za-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[a-z])(?=[A-Z])")
_TURNS: Final = 4  # from letters to digits and back, or to capitals: words and dates have fewer
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^\s'\"<>]*[^\s'\"<>,.:;)]", re.IGNORECASE)
_HOST: Final = re.compile(
    r"(\[[\da-f:.%]*\]|[^:]*)(:\d*)?", re.IGNORECASE
)  # a colon before other than a port: a password


def without_secrets(url: str) -> str:
    """The address to show. What was hidden is ***; an address that hides nothing comes back as it is."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return url
    end = re.search(r"[/?#]", rest)
    authority = rest[: end.start()] if end else rest
    if "@" in authority:
        rest = f"{HIDDEN}@{rest[authority.rindex('@') + 1 :]}"
    elif not _HOST.fullmatch(authority):  # its password holds a / that should be escaped, or its @ was forgotten
        rest = f"{HIDDEN}@{rest.rpartition('@')[2]}" if "@" in rest else HIDDEN
    place, question, query = rest.partition("?")
    return f"{scheme}://{place}{question}{_shown_query(query)}"


def text_without_secrets(text: str) -> str:
    """The same for every address in a sentence."""
    return _ADDRESS.sub(lambda found: without_secrets(found[0]), text)


def _shown_query(query: str) -> str:
    return "".join(_shown_pair(piece) for piece in re.split(r"([&;#])", query))


def _shown_pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    if equals and value and (_NAMES.search(unquote(name)) or looks_random(unquote(value))):
        return f"{name}={HIDDEN}"
    return HIDDEN if not equals and looks_random(unquote(name)) else pair


def looks_random(value: str) -> bool:
    """Whether no person wrote this: 16 characters and more that turn from letters to digits and back."""
    return bool(_RANDOM.fullmatch(value)) and len(_TURN.findall(value.replace("-", ""))) >= _TURNS


def web_link(url: str | None) -> str | None:
    """`url` when a browser may follow it: http or https with a host. Feeds also carry `javascript:` and worse.

    An address that hides a key leads nowhere.
    """
    if not url or HIDDEN in url:
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme.lower() in ("http", "https") and host else None

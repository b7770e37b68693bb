"""Pure. Addresses: what may be linked at all, and our own with their parameters."""

from collections.abc import Sequence
from urllib.parse import urlencode, urlsplit

from shared.shown_url import web_link

safe_link = web_link
Parameters = Sequence[tuple[str, str]]


def address(path: str, parameters: Parameters = ()) -> str:
    """`path` with those of the parameters that say something."""
    query = urlencode([(name, value) for name, value in parameters if value])
    return f"{path}?{query}" if query else path


def in_language(path: str, query: str, language: str) -> str:
    """The same page in another language."""
    rest = path.split("/", 2)[2] if path.count("/") > 1 else ""
    return f"/{language}/{rest}{'?' + query if query else ''}"


def shown_host(url: str) -> str:
    """The host of a link as people read it."""
    return (urlsplit(url).hostname or "").removeprefix("www.")

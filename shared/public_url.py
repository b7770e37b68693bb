"""Pure. VIGIE_PUBLIC_URL in its parts: what people and mail programs call the portal, with a path or without."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from shared.errors import ConfigError

# what the portal's own addresses begin with: a prefix of that name could not be told from the page itself
TAKEN: Final = frozenset(
    {"de", "fr", "en", "api", "static", "healthz", "readyz", "statusz", "metrics", "events", "websub"}
)
_PATH: Final = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")


@dataclass(frozen=True, slots=True)
class PublicUrl:
    """`origin` is scheme and host, `prefix` the path below which the portal lies; neither ends with a slash."""

    origin: str
    prefix: str

    @property
    def url(self) -> str:
        return self.origin + self.prefix


def read_public_url(setting: str, raw: str) -> PublicUrl:
    """Empty parts for an empty address. Raises ConfigError that names `setting`."""
    if not raw:
        return PublicUrl("", "")
    try:
        parts = urlsplit(raw)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or "@" in parts.netloc or parts.query or parts.fragment or re.search(r"[\s?#\\]", raw):
        raise ConfigError(f"{setting} must be an address for people, as in https://vigie.example.org/path.")
    prefix = parts.path.rstrip("/")
    if not _PATH.fullmatch(prefix) or "/.." in prefix or "/./" in f"{prefix}/":
        raise ConfigError(f"{setting}: the path may be made of letters, digits and . _ ~ - alone, not {prefix!r}.")
    if prefix.split("/")[1:2] and prefix.split("/")[1] in TAKEN:
        raise ConfigError(
            f"{setting}: the path begins with /{prefix.split('/')[1]}, as pages of the portal do. Take another."
        )
    return PublicUrl(f"{parts.scheme}://{parts.netloc}", prefix)

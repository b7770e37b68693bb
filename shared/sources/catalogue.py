"""The catalogue: a TOML file with one `[[source]]` per channel, read strictly.

A typo is an error that names the source, the key and the nearest known key: no source is silently unwatched.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from shared.errors import BadInput, ConfigError
from shared.identity import canonical_url
from shared.mailboxes import DEFAULT


class Kind(StrEnum):
    """How a source is read."""

    FEED = "feed"
    LISTING = "listing"
    SITEMAP = "sitemap"
    MAILBOX = "mailbox"


@dataclass(frozen=True, slots=True)
class ListingRules:
    """Where the entries of a listing page stand: CSS selectors, all but `item` relative to the item.

    Without `link` the first link of the item serves, without `title` the words of that link. `url_date` is a
    regular expression whose groups `year`, `month`, `day` find the date in the entry's address.
    """

    item: str
    link: str = ""
    title: str = ""
    date: str = ""
    summary: str = ""
    url_date: str = ""


@dataclass(frozen=True, slots=True)
class SitemapRules:
    """Which addresses of a sitemap count: those that begin with `within`."""

    within: str = ""


@dataclass(frozen=True, slots=True)
class MailboxRules:
    """Which mails of a mailbox are a source's newsletters.

    `account` is a name of VIGIE_MAILBOXES. `senders` are addresses (`news@example.org`) and domains with all
    below them (`@example.org`). `subject` is a regular expression that a subject must hold. A mail counts when its
    sender is proven: by a signature (DKIM) of the sender's domain, or of one in `signers`, such as a dispatcher's,
    or by the mailbox's own server (`authserv`). `unproven` is the recorded reason for taking mails nobody proves.
    """

    senders: tuple[str, ...]
    account: str = DEFAULT
    folder: str = "INBOX"
    subject: str = ""
    signers: tuple[str, ...] = ()
    unproven: str = ""


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """What the operator says of a source.

    `interval` (seconds) is fixed and takes the place of the adaptive one. `languages` are those it publishes in.
    `robots_override` is the recorded reason for polling although robots.txt forbids it. `off_reason` says, for a
    source that is not enabled, why; `note` what else operators should know. `licence` and `full_text` say what its
    terms allow, `checked` when that was read: true, that the pages of its entries are read; false, that only its
    summaries are kept; without it, what its document says. `full_text_reason` says why. `browser`: a script fills
    its page. `assumed` marks an address that is likely and that nobody has seen answer: it counts in no finding
    before its first success. `named`: it is a body that the mission names.
    """

    id: str
    kind: Kind
    url: str
    name: str = ""
    homepage: str = ""
    country: str = ""
    languages: tuple[str, ...] = ()
    organisation: str = ""
    enabled: bool = True
    interval: int | None = None
    note: str = ""
    off_reason: str = ""
    robots_override: str = ""
    licence: str = ""
    full_text: bool | None = None
    full_text_reason: str = ""
    browser: bool = False
    checked: str = ""
    assumed: bool = False
    named: bool = False
    listing: ListingRules | None = None
    sitemap: SitemapRules | None = None
    mailbox: MailboxRules | None = None


def load_catalogue(path: Path) -> tuple[SourceConfig, ...]:
    """The sources of the file. Raises ConfigError that says which source and which key."""
    try:
        content = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"the sources file {path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    for key in content:
        _known(key, ("source",), f"{path}")
    blocks = content.get("source", [])
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise ConfigError(f"{path}: write one [[source]] per source, with two brackets.")
    sources = tuple(source_config(block, f"{path}, source {number}") for number, block in enumerate(blocks, 1))
    _unique(sources, path)
    return sources


def source_config(block: Mapping[str, Any], where: str) -> SourceConfig:
    """One source from the keys of its block. Raises ConfigError."""
    named = f"{where} ({block['id']})" if isinstance(block.get("id"), str) else where
    for key in block:
        _known(key, _KEYS, named)
    for key in _NEEDED:
        if not block.get(key):
            raise ConfigError(f"{named}: the key `{key}` is missing.")
    config = SourceConfig(**{key: _value(key, block[key], named) for key in block})
    if config.kind is Kind.MAILBOX and config.mailbox is None:
        raise ConfigError(f"{named}: a source of kind mailbox needs [source.mailbox] with `senders`.")
    if config.browser and config.kind is not Kind.LISTING:
        raise ConfigError(f"{named}: `browser` is for sources of kind listing; this one is of kind {config.kind}.")
    for kind in _TABLES:
        if kind is not config.kind and getattr(config, kind.value) is not None:
            raise ConfigError(
                f"{named}: [source.{kind}] is for sources of kind {kind}; this one is of kind {config.kind}."
            )
    return config if config.name else _with_name(config)


_TABLES: Final = (Kind.LISTING, Kind.SITEMAP, Kind.MAILBOX)  # kinds with a table of their name
_KEYS: Final = tuple(f.name for f in fields(SourceConfig))
_NEEDED: Final = tuple(f.name for f in fields(SourceConfig) if f.default is f.default_factory is MISSING)
_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def _with_name(config: SourceConfig) -> SourceConfig:
    values = {f.name: getattr(config, f.name) for f in fields(config)}
    return SourceConfig(**(values | {"name": config.id}))


def _unique(sources: Sequence[SourceConfig], path: Path) -> None:
    seen: dict[str, int] = {}
    for number, source in enumerate(sources, 1):
        if source.id in seen:
            raise ConfigError(f"{path}: sources {seen[source.id]} and {number} have the same id {source.id!r}.")
        seen[source.id] = number


def _known(key: str, known: Sequence[str], where: str) -> None:
    if key not in known:
        near = get_close_matches(key, known, n=1)
        hint = f" Did you mean `{near[0]}`?" if near else f" Known are {', '.join(known)}."
        raise ConfigError(f"{where}: there is no key `{key}`.{hint}")


def _value(key: str, raw: Any, where: str) -> Any:
    match key:
        case "id":
            return _id(raw, where)
        case "kind":
            return _kind(raw, where)
        case "url" | "homepage":
            return _address(key, raw, where)
        case "languages":
            return _languages(raw, where)
        case "enabled" | "full_text" | "assumed" | "browser" | "named":
            return _typed(key, raw, bool, "true or false", where)
        case "interval":
            return _interval(raw, where)
        case "listing":
            return _listing(raw, where)
        case "sitemap":
            return _sitemap(raw, where)
        case "mailbox":
            return _mailbox(raw, where)
        case "checked":
            return str(raw)  # TOML has dates of its own
        case _:
            return str(_typed(key, raw, str, "text in quotes", where)).strip()


def _typed(key: str, raw: Any, kind: type, wanted: str, where: str) -> Any:
    if not isinstance(raw, kind):
        raise ConfigError(f"{where}: `{key}` is {raw!r}; it must be {wanted}.")
    return raw


def _id(raw: Any, where: str) -> str:
    if not isinstance(raw, str) or not _ID.fullmatch(raw):
        raise ConfigError(f"{where}: the id {raw!r} must be 1 to 64 of a-z, 0-9, dot, hyphen and underscore.")
    return raw


def _kind(raw: Any, where: str) -> Kind:
    if raw in tuple(Kind):
        return Kind(raw)
    near = get_close_matches(str(raw), tuple(Kind), n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ConfigError(f"{where}: `kind` is {raw!r}; it must be one of {', '.join(Kind)}.{hint}")


def _address(key: str, raw: Any, where: str) -> str:
    """As written: parameters that we strip from links may be needed to fetch a feed."""
    text = str(_typed(key, raw, str, "text in quotes", where)).strip()
    if key == "homepage" and not text:
        return text
    if text.startswith(("imap://", "imaps://")):
        raise ConfigError(
            f"{where}: `{key}` is the page of the newsletter; the mailbox itself stands in VIGIE_MAILBOXES."
        )
    try:
        canonical_url(text)
    except BadInput as error:
        raise ConfigError(f"{where}: `{key}`: {error}") from error
    return text


def _languages(raw: Any, where: str) -> tuple[str, ...]:
    languages = _typed("languages", raw, list, 'a list, as in ["de", "en"]', where)
    for language in languages:
        if not isinstance(language, str) or not re.fullmatch(r"[a-z]{2,3}", language):
            raise ConfigError(f'{where}: `languages` has {language!r}; write two letters, as in "de".')
    return tuple(languages)


def _interval(raw: Any, where: str) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or raw < 1:
        raise ConfigError(f"{where}: `interval` is {raw!r}; it must be a whole number of seconds, at least 1.")
    return raw


def _listing(raw: Any, where: str) -> ListingRules:
    table = _table("listing", raw, ListingRules, where)
    if not table.get("item"):
        raise ConfigError(f"{where}: [source.listing] needs `item`, the selector of one entry.")
    if written := table.get("url_date"):
        groups = re.compile(_pattern("url_date", written, f"{where}, listing")).groupindex
        if not {"year", "month"} <= set(groups):
            raise ConfigError(f"{where}, listing: `url_date` needs the groups (?P<year>…) and (?P<month>…).")
    return ListingRules(**table)


def _sitemap(raw: Any, where: str) -> SitemapRules:
    table = _table("sitemap", raw, SitemapRules, where)
    if within := table.get("within"):
        _address("within", within, f"{where}, sitemap")
    return SitemapRules(**table)


def _table(key: str, raw: Any, rules: type, where: str) -> dict[str, str]:
    table: dict[str, str] = _typed(key, raw, dict, "a table", where)
    for name, value in table.items():
        _known(name, tuple(f.name for f in fields(rules)), f"{where}, {key}")
        _typed(name, value, str, "text in quotes", where)
    return table


def plain_rules(rules: MailboxRules | None) -> dict[str, Any]:
    """The rules as the table of sources keeps them."""
    return (
        {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(rules).items()}
        if rules
        else {}
    )


def mailbox_rules(stored: Mapping[str, Any]) -> MailboxRules | None:
    """The rules from the table of sources; None for a source that is no mailbox."""
    if not stored.get("senders"):
        return None
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in stored.items()}
    return MailboxRules(**values)


_SENDER: Final = re.compile(r"[^\s@<>,]*@[a-z0-9-]+(\.[a-z0-9-]+)+")
_DOMAIN: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


def _mailbox(raw: Any, where: str) -> MailboxRules:
    table = _typed("mailbox", raw, dict, "a table", where)
    known = tuple(f.name for f in fields(MailboxRules))
    for key in table:
        _known(key, known, f"{where}, mailbox")
    if not table.get("senders"):
        raise ConfigError(
            f'{where}: [source.mailbox] needs `senders`, a list of addresses and domains, as in ["@example.org"].'
        )
    values = {key: _mailbox_value(key, value, f"{where}, mailbox") for key, value in table.items()}
    return MailboxRules(**values)


def _mailbox_value(key: str, raw: Any, where: str) -> Any:
    match key:
        case "senders":
            return _names(key, raw, _SENDER, "news@example.org or @example.org", where)
        case "signers":
            return _names(key, raw, _DOMAIN, "example.net", where)
        case "subject":
            return _pattern(key, _typed(key, raw, str, "text in quotes", where), where)
        case _:
            text = str(_typed(key, raw, str, "text in quotes", where)).strip()
            if not text and key in ("account", "folder"):
                raise ConfigError(f"{where}: `{key}` is empty; leave it out for the usual one.")
            return text


def _names(key: str, raw: Any, form: re.Pattern[str], example: str, where: str) -> tuple[str, ...]:
    names = tuple(str(name).strip().lower() for name in _typed(key, raw, list, "a list", where))
    for name in names:
        if not form.fullmatch(name):
            raise ConfigError(f"{where}: `{key}` has {name!r}; write {example}.")
    return names


def _pattern(key: str, raw: str, where: str) -> str:
    try:
        re.compile(raw)
    except re.error as error:
        raise ConfigError(f"{where}: `{key}` is no regular expression: {error}") from error
    return raw

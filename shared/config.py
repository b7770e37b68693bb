"""Settings: defaults < `vigie.toml` < `VIGIE_*`. The only reader of the environment.

Read once, by the composition root, and passed down. An unknown key is an error that names the nearest known one.
A secret may stand in a file that `VIGIE_<NAME>_FILE` names.
"""

import os
import socket
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from shared import mail_names, service_url, setting_values
from shared.errors import ConfigError
from shared.keep_rules import Rule, read_rules, written_rules
from shared.mailboxes import Account, read_accounts, shown_accounts, written_accounts
from shared.public_url import read_public_url

Network = IPv4Network | IPv6Network
PREFIX: Final = "VIGIE_"
DATABASES: Final = ("sqlite", "postgresql+psycopg")


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting. The metadata's `help` is what `vigie config show` and the documentation print."""

    data_dir: Path = field(
        default=Path("data"), metadata={"help": "folder of the embedded databases, mails and locks"}
    )
    journal: Path | None = field(
        default=None,
        metadata={"help": "journal of withdrawals, outside of every backup; default <data_dir>.journal"},
    )
    sources: Path | None = field(default=None, metadata={"help": "sources file instead of the shipped catalogue"})
    http: str = field(default="127.0.0.1:8080", metadata={"help": "address that the portal listens on"})
    public_url: str = field(default="", metadata={"help": "address of the portal in mails; default http://<http>"})
    trusted_proxies: tuple[Network, ...] = field(
        default=(ip_network("127.0.0.0/8"), ip_network("::1/128")),
        metadata={"help": "networks whose proxies say for whom they ask (X-Forwarded-For and -Proto, Forwarded)"},
    )
    database_url: str = field(
        default="", metadata={"help": "default SQLite in the data dir", "address_of": DATABASES}
    )
    bus_url: str = field(
        default="",
        metadata={"help": "default the embedded log; kafka://host:port,host:port", "address_of": ("kafka",)},
    )
    smtp_url: str = field(
        default="", metadata={"help": "mail relay; default none: mails are files", "address_of": ("smtp", "smtps")}
    )
    mail_from: str = field(default="Vigie <vigie@localhost>", metadata={"help": "sender of every mail"})
    mail_reply_to: str = field(
        default="", metadata={"help": "where readers' answers to mails go; default the sender"}
    )
    mail_only_to: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "for trying out: only these addresses and domains (@example.org), comma-separated, get mail "
            "through the relay; everybody else's become files; default everybody"
        },
    )
    mail_hello: str = field(
        default="",
        metadata={
            "help": "our name to the relay (EHLO); default the sender's domain, the portal's host or this one"
        },
    )
    bounces_to: str = field(
        default="",
        metadata={
            "help": "where mails come back to, each to an address of its own: bounces@example.org (becomes "
            "bounces+…@) or a domain; default the sender"
        },
    )
    mailboxes: str = field(
        default="",
        metadata={
            "help": "mailboxes that newsletters arrive in, and one called bounces for mails that come back: "
            "[NAME=]imaps://user:password@host[:port][?authserv=ID]",
            "secret": True,
        },
    )
    dkim_key_file: Path | None = field(
        default=None,
        metadata={
            "help": "PEM file of the private RSA key that signs mails (DKIM); default none: the relay may sign"
        },
    )
    dkim_selector: str = field(
        default="vigie", metadata={"help": "name of that key: its public half stands at NAME._domainkey.DOMAIN"}
    )
    dkim_domain: str = field(default="", metadata={"help": "domain that signs; default the sender's"})
    model: str = field(default="", metadata={"help": "default the shipped one; lexicon, hf:ORG/NAME or a path"})
    model_options: Path | None = field(
        default=None,
        metadata={"help": "TOML file that says how to read a model of the hub or of a path (docs/models.md)"},
    )
    instant_per_hour: int = field(
        default=10,
        metadata={
            "help": "instant mails a person gets in an hour before they become one bundle; 0 = never bundled",
            "least": 0,
        },
    )
    instance: str = field(
        default="", metadata={"help": "stable, unique name of this process; default the host name"}
    )
    allowed_networks: tuple[Network, ...] = field(
        default=(), metadata={"help": "networks besides public ones that outgoing requests may reach"}
    )
    proxy_url: str = field(
        default="",
        metadata={
            "help": "proxy for all requests to the web, but those to allowed_networks; http://[user:password@]host:port",
            "address_of": ("http", "https"),
        },
    )
    webhooks: str = field(
        default="https",
        metadata={
            "help": "where readers may have stories posted: https (public addresses), any (also http and "
            "allowed_networks) or off",
            "one_of": ("https", "any", "off"),
        },
    )
    hub: str = field(
        default="",
        metadata={
            "help": "WebSub hub that is told what is new in feeds of searches; needs public_url; default none",
            "address_of": ("http", "https"),
        },
    )
    ca_file: Path | None = field(
        default=None,
        metadata={"help": "PEM file of certificate authorities that are trusted besides the public ones"},
    )
    min_interval: int = field(
        default=300, metadata={"help": "seconds between two polls of one source, at least", "least": 0}
    )
    fetchers: int = field(
        default=128, metadata={"help": "sources that are polled at the same time, at most", "least": 1}
    )
    operators: tuple[str, ...] = field(
        default=(),
        metadata={"help": "addresses that get a mail a day about sick sources, comma-separated; default nobody"},
    )
    operators_language: str = field(
        default="en", metadata={"help": "language of that mail: de, fr or en", "one_of": ("de", "fr", "en")}
    )
    browser: str = field(
        default="",
        metadata={
            "help": "Chromium, for pages that a script fills: `chromium`, or path and options; default none"
        },
    )
    imprint: str = field(
        default="",
        metadata={
            "help": "who is responsible for this installation, name and address: in every mail and on pages"
        },
    )
    contact: str = field(default="", metadata={"help": "address or URL named in the User-Agent"})
    admin_password: str = field(
        default="", metadata={"help": "password of the operations pages beyond loopback", "secret": True}
    )
    secret_key: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "keys that sign links, the newest first, comma-separated; older ones only open theirs; "
            "default made by `vigie migrate`",
            "secret": True,
        },
    )
    hash_key: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "keys that hash addresses in the consent record, likewise; default made by `vigie migrate`",
            "secret": True,
        },
    )
    keep_bodies_days: int = field(
        default=30, metadata={"help": "days that the words of mails are kept after they went", "least": 0}
    )
    keep_address_days: int = field(
        default=28, metadata={"help": "days that an address is kept after its last subscription ended", "least": 0}
    )
    keep_proof_months: int = field(
        default=36,
        metadata={
            "help": "months that the proof of consent is kept after somebody is gone, by your law",
            "least": 0,
        },
    )
    keep_items: str = field(
        default="",
        metadata={
            "help": "how long items are kept, as `item 730 licence:reserved; text 90 kind:mailbox` "
            "(docs/keeping.md); default for ever"
        },
    )
    reconfirm_months: int = field(
        default=24,
        metadata={"help": "months without a mail after which readers are asked anew; 0 = never", "least": 0},
    )
    zone: str = field(
        default="Europe/Berlin",
        metadata={"help": "IANA zone of the calendar that days are counted in: after:, before:, counts by day"},
    )
    log_level: str = field(
        default="info",
        metadata={"help": "debug, info, warning or error", "one_of": ("debug", "info", "warning", "error")},
    )
    log_format: str = field(default="text", metadata={"help": "text or json", "one_of": ("text", "json")})

    @property
    def store_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'vigie.db'}"

    @property
    def journal_path(self) -> Path:
        """Beside the data folder: whoever copies or restores the folder leaves the journal where it is."""
        data = self.data_dir.absolute()
        return (self.journal or data.with_name(f"{data.name}.journal")).absolute()

    @property
    def mail_dir(self) -> Path:
        """Where the file sink writes, while no SMTP host is set."""
        return self.data_dir / "mail"

    @property
    def portal_url(self) -> str:
        """Address of the portal without a trailing slash."""
        return self.public_url.rstrip("/") or f"http://{self.http}"

    @property
    def mail_accounts(self) -> tuple[Account, ...]:
        """The mailboxes that newsletters arrive in."""
        return read_accounts("VIGIE_MAILBOXES", self.mailboxes)

    @property
    def item_rules(self) -> tuple[Rule, ...]:
        """How long items are kept."""
        return read_rules("VIGIE_KEEP_ITEMS", self.keep_items)

    @property
    def calendar(self) -> ZoneInfo:
        """The zone whose days count for items without a day of their own."""
        return ZoneInfo(self.zone)

    @property
    def hello_name(self) -> str:
        """Our name to the mail relay."""
        return mail_names.hello(self.mail_hello, self.mail_from, self.public_url, socket.getfqdn)

    @property
    def instance_name(self) -> str:
        return self.instance or socket.gethostname()

    @property
    def http_host_port(self) -> tuple[str, int]:
        host, _, port = self.http.rpartition(":")
        return host.strip("[]"), int(port)

    def redacted(self) -> Mapping[str, str]:
        """Every setting as text, passwords and keys replaced by ***."""
        shown = {f.name: _redact(f.metadata, getattr(self, f.name)) for f in fields(self)}
        return shown | {"mailboxes": shown_accounts(self.mailboxes)}


def load_settings(environ: Mapping[str, str] | None = None, folder: Path | None = None) -> Settings:
    """Settings from `vigie.toml` in `folder` (default: here) and the environment. Raises ConfigError."""
    environ = os.environ if environ is None else environ
    given = _from_file((folder or Path()) / "vigie.toml") | _from_environment(environ)
    values = {key: _parse(key, where, raw) for key, (where, raw) in given.items()}
    return Settings(**values)


def environment_with(settings: Mapping[str, str], environ: Mapping[str, str] | None = None) -> Mapping[str, str]:
    """The environment of a child process that has these settings and none of the operator's (`VIGIE_*`)."""
    environ = os.environ if environ is None else environ
    others = {name: value for name, value in environ.items() if not name.startswith(PREFIX)}
    return others | {f"{PREFIX}{name.upper()}": value for name, value in settings.items()}


def _from_file(path: Path) -> dict[str, tuple[str, Any]]:
    if not path.exists():
        return {}
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    return {_known(key, f"{path}: {key}"): (f"{path}: {key}", raw) for key, raw in content.items()}


def _from_environment(environ: Mapping[str, str]) -> dict[str, tuple[str, Any]]:
    given: dict[str, tuple[str, Any]] = {}
    for name, raw in sorted(environ.items()):
        if not name.startswith(PREFIX) or name.startswith("VIGIE_TEST_"):
            continue
        key = name.removeprefix(PREFIX).lower()
        if key.endswith("_file") and key not in _NAMES:
            given[_known(key.removesuffix("_file"), name)] = (name, _read_secret(name, raw))
        else:
            given[_known(key, name)] = (name, raw)
    return given


def _read_secret(name: str, path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        may_be_the_secret = not path.startswith(("/", "."))
        file = "a file" if may_be_the_secret else f"the file {path!r}"
        reason = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise ConfigError(f"{name} names {file}, which cannot be read: {reason}") from None


_NAMES: Final = frozenset(f.name for f in fields(Settings))
_FIELDS: Final = {f.name: f for f in fields(Settings)}

_READERS: Final[Mapping[str, Callable[[str, str], str]]] = {
    "zone": setting_values.zone,
    "mail_from": mail_names.read_sender,
    "mail_reply_to": mail_names.read_reply_to,
    "bounces_to": mail_names.read_bounces,
    "dkim_selector": mail_names.read_labels,
    "dkim_domain": mail_names.read_labels,
    "mail_hello": mail_names.read_hello,
}


def _known(key: str, where: str) -> str:
    if key in _NAMES:
        return key
    near = get_close_matches(key, _NAMES, n=1)
    hint = f" Did you mean {PREFIX}{near[0].upper()} ({near[0]} in vigie.toml)?" if near else ""
    raise ConfigError(f"{where}: there is no such setting.{hint} `vigie config show` lists all.")


def _parse(key: str, where: str, raw: Any) -> Any:
    meta = _FIELDS[key].metadata
    match key:
        case "data_dir":
            return Path(str(raw) or "data")
        case "sources" | "model_options" | "ca_file" | "dkim_key_file" | "journal":
            return Path(str(raw)) if str(raw) else None
        case _ if "least" in meta:
            return setting_values.number(where, raw, int(meta["least"]))
        case "operators" | "mail_only_to":
            return setting_values.addresses(where, raw, domains=key == "mail_only_to")
        case "secret_key" | "hash_key":
            return setting_values.keys(raw)
        case "allowed_networks" | "trusted_proxies":
            return setting_values.networks(where, raw)
        case "http":
            return setting_values.listen(where, str(raw))
        case _ if "one_of" in meta:
            if str(raw).lower() not in meta["one_of"]:
                raise ConfigError(f"{where} is {raw!r}; it must be one of {', '.join(meta['one_of'])}.")
            return str(raw).lower()
        case _ if "address_of" in meta:
            return setting_values.url(where, str(raw), meta["address_of"])
        case "public_url":
            return read_public_url(where, str(raw)).url
        case "keep_items":
            read_rules(where, text := written_rules(raw))
            return text
        case "mailboxes":
            read_accounts(where, text := written_accounts(raw))
            return text
        case _ if key in _READERS:
            return _READERS[key](where, str(raw))
        case _:
            return str(raw)


def _redact(meta: Mapping[str, Any], value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple) and meta.get("secret"):
        return "***" if value else ""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if "address_of" in meta:
        return service_url.shown(value)
    return "***" if meta.get("secret") and value else str(value)

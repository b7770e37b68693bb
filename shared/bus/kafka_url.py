"""Pure. Reads VIGIE_BUS_URL: kafka://[user:password@]host:port,host:port[?setting=value&…].

Settings of the query: `partitions` (6), `replication` (the broker's default), `retention_days` (90),
`session_timeout_ms` (10000), `prefix` (of topics and groups, where several installations share a cluster), and
whatever of TLS and SASL the client library takes by these names:
security_protocol, sasl_mechanism, ssl_cafile, ssl_certfile, ssl_keyfile, ssl_check_hostname.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from shared.errors import ConfigError
from shared.service_url import ServiceUrl, read_service_url

SETTING: Final = "VIGIE_BUS_URL"
_NUMBERS: Final = ("partitions", "replication", "retention_days", "session_timeout_ms")
_TEXTS: Final = ("security_protocol", "sasl_mechanism", "ssl_cafile", "ssl_certfile", "ssl_keyfile")
_ONE_OF: Final = {  # the library takes any other word for PLAINTEXT, without a word
    "security_protocol": ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"),
    "sasl_mechanism": ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"),
}
_SWITCHES: Final = ("ssl_check_hostname",)


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """Where the brokers are and how to speak to them. `client` goes to every client of the library as it is."""

    servers: tuple[str, ...]
    partitions: int = 6
    replication: int = -1
    retention_days: int = 90
    session_timeout_ms: int = 10_000
    prefix: str = ""
    client: Mapping[str, str | bool] = field(default_factory=dict, repr=False)


def read_url(url: str) -> KafkaSettings:
    """Raises ConfigError that names the setting and what is wrong, never the password."""
    address = read_service_url(SETTING, url, ("kafka",))
    given = dict(address.query)
    for key, value in given.items():
        _check_known(key)
        if value not in _ONE_OF.get(key, (value,)):
            raise ConfigError(f"{SETTING}: {key} is {value!r}; it must be one of {', '.join(_ONE_OF[key])}.")
    numbers = {key: _number(key, given[key]) for key in _NUMBERS if key in given}
    client: dict[str, str | bool] = {key: given[key] for key in _TEXTS if key in given}
    client |= {key: given[key].lower() == "true" for key in _SWITCHES if key in given}
    prefix = given.get("prefix", "")
    return KafkaSettings(_servers(address), **numbers, prefix=prefix, client=client | _login(address, client))


def _servers(address: ServiceUrl) -> tuple[str, ...]:
    for host in address.hosts:
        if host.port is None:
            raise ConfigError(f"{SETTING}: {host.name!r} is not host:port. Write kafka://host:9092,host:9092")
    if not address.hosts:
        raise ConfigError(f"{SETTING} names no broker. Write kafka://host:9092,host:9092")
    return tuple(map(str, address.hosts))


def _login(address: ServiceUrl, client: Mapping[str, str | bool]) -> dict[str, str | bool]:
    if not address.user:
        return {}
    login: dict[str, str | bool] = {
        "sasl_plain_username": address.user,
        "sasl_plain_password": address.password,
    }
    if not str(client.get("security_protocol", "SASL_SSL")).startswith("SASL_"):
        raise ConfigError(f"{SETTING}: a user needs security_protocol=SASL_SSL or SASL_PLAINTEXT, or none at all.")
    return {"security_protocol": "SASL_SSL", "sasl_mechanism": "SCRAM-SHA-512"} | dict(client) | login


def _check_known(key: str) -> None:
    known = (*_NUMBERS, *_TEXTS, *_SWITCHES, "prefix")
    if key not in known:
        near = get_close_matches(key, known, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise ConfigError(f"{SETTING}: there is no setting {key!r}.{hint}")


def _number(key: str, text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ConfigError(f"{SETTING}: {key} is {text!r}; it must be a whole number from 1.")
    return int(text)

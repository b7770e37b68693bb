"""Asks the portal at its public address, as a mail's reader does, and whether it is ours that answers there."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from typing import Final
from urllib.parse import urlsplit

from shared.config import Settings
from shared.errors import ConfigError, FetchFailed

HOLDS: Final = timedelta(minutes=5)
INSIDE: Final = (
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "::1/128",
    "fc00::/7",
)
OURS: Final = b'{"ok":true}'


def ask(settings: Settings) -> str:
    """What answers there. Raises ConfigError when it is not this installation's portal, and says what it is."""
    from shared.web.client import WebClient

    place = settings.portal_url
    if not settings.public_url:
        if settings.smtp_url:
            raise ConfigError(
                f"mails leave through a relay, and their links lead to {place}, which no reader can open: set "
                "VIGIE_PUBLIC_URL."
            )
        return f"no public address is set (VIGIE_PUBLIC_URL): links lead to {place}"
    url = f"{place}/healthz/{_proof(settings)}"
    try:
        answer = WebClient(_inside_too(settings)).get(url)
    except FetchFailed as error:
        raise ConfigError(_failed(place, url, error)) from error
    if answer.body != OURS:
        raise ConfigError(_another(place, "it does not know this installation's key"))
    if answer.redirected:
        raise ConfigError(_redirected(place, answer.url))
    return f"the portal of this installation answers at {place}"


def _inside_too(settings: Settings) -> Settings:
    """It is our own address: it may well lie in a network that no source may lead to."""
    return replace(settings, allowed_networks=(*settings.allowed_networks, *map(ip_network, INSIDE)))


def _proof(settings: Settings) -> str:
    """A token that only a portal with our keys recognises; it opens nothing."""
    from shared.subscriptions.keyring import known_keys
    from shared.subscriptions.links import Purpose, sign
    from shared.wiring import open_store

    store = open_store(settings)
    try:
        with store.reading() as session:
            keys, now = known_keys(session, settings), store.now(session)
    finally:
        store.close()
    return sign(keys, Purpose.PROOF, "doctor", now + HOLDS)


def _failed(place: str, url: str, error: FetchFailed) -> str:
    if error.status is not None:
        return _another(place, f"it answers {error.status}")
    return (
        f"{str(error).replace(url, place)}. Is the portal running, and do name, certificate and proxy of "
        "VIGIE_PUBLIC_URL lead to it?"
    )


def _another(place: str, how: str) -> str:
    return (
        f"something answers at {place}, but not the portal of this installation: {how}. Check where "
        "VIGIE_PUBLIC_URL leads: links of mails lead there too."
    )


def _redirected(place: str, to: str) -> str:
    there = urlsplit(to)
    return (
        f"{place} redirects to {there.scheme}://{there.netloc}. The one click by which mail providers end a "
        "subscription follows no redirect: set VIGIE_PUBLIC_URL to the address that answers."
    )

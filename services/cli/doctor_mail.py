"""`vigie doctor mail`: what other mail servers find out about our mails. Asks DNS and relay; sends nothing."""

import argparse
import json
import socket
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from shared.clock import SystemClock
from shared.config import Settings
from shared.errors import ConfigError
from shared.service_url import read_service_url

if TYPE_CHECKING:
    from services.notifier.authentication.checks import Check, Domains
    from services.notifier.authentication.signing import Signer
    from shared.dns_names import Names

Address = IPv4Address | IPv6Address


def configure(parser: argparse.ArgumentParser) -> None:
    about = parser.add_argument_group("of `vigie doctor mail`")
    about.add_argument(
        "--address", action="append", default=[], metavar="IP", help="that the relay sends from; may be repeated"
    )
    about.add_argument("--selector", default="", metavar="NAME", help="of the key that the relay signs with")
    about.add_argument("--received", type=Path, metavar="FILE", help="a mail of ours as it arrived in a mailbox")
    about.add_argument("--resolver", default="", metavar="IP[:PORT]", help="ask this name server")


def run(args: argparse.Namespace, settings: Settings) -> int:
    found = tuple(_checks(args, settings))
    ok = all(check.ok for check in found)
    if args.json:
        print(json.dumps({"ok": ok, "checks": [asdict(check) for check in found]}, ensure_ascii=False))
        return 0 if ok else 1
    for check in found:
        print(f"{'ok ' if check.ok else 'NOT'}  {check.name:<10} {check.said}")
        if check.remedy:
            print(f"{'':<15} {check.remedy}")
    return 0 if ok else 1


def _checks(args: argparse.Namespace, settings: Settings) -> "Iterator[Check]":
    from services.notifier.authentication.checks import checks, domains_of, guarded
    from services.notifier.authentication.sample import bytes_of, sample
    from services.notifier.authentication.signing import signer_of
    from shared.dns_names import Names

    names, signer = Names(args.resolver), signer_of(settings)
    addresses = [_address(raw) for raw in args.address] or _of_relay(settings, names)
    about = domains_of(settings.mail_from, settings.bounces_to, addresses, args.selector)
    yield from checks(about, names, signer)
    yield guarded("tls", lambda: _tls(settings))
    mail = sample(
        SystemClock().now(),
        sender=settings.mail_from,
        portal=settings.portal_url,
        bounces_to=settings.bounces_to,
        reply_to=settings.mail_reply_to,
        signer=signer,
    )
    yield from bytes_of(mail)
    yield from _signature(args.received, about, names, signer, mail.as_bytes())


def _signature(
    received: Path | None, about: "Domains", names: "Names", signer: "Signer | None", ours: bytes
) -> "Iterator[Check]":
    """Of the mail that arrived, else of ours where we sign."""
    from services.notifier.authentication.checks import guarded
    from services.notifier.authentication.sample import signed

    if received is not None:
        raw = _read(received)
        yield guarded("signature", lambda: signed(raw, about.sender, names.txt))
    elif signer is not None:
        yield guarded("signature", lambda: signed(ours, about.sender, lambda _: (signer.record,)))


def _tls(settings: Settings) -> "Check":
    from services.cli.doctor_relay import spoken
    from services.notifier.authentication.checks import Check

    if not settings.smtp_url:
        return Check("tls", False, "no relay is set: mails are files", "Set VIGIE_SMTP_URL.")
    place, rehearsed = spoken(settings)
    tls = rehearsed.tls
    host = read_service_url("VIGIE_SMTP_URL", settings.smtp_url).host
    if tls or _local(host):
        return Check("tls", True, f"{place} is spoken to {f'by {tls}' if tls else 'on this machine'}")
    remedy = "Let it offer STARTTLS, or write smtps:// in VIGIE_SMTP_URL."
    return Check("tls", False, f"{place} offers no TLS: mails, and with them addresses, go in the clear", remedy)


def _of_relay(settings: Settings, names: "Names") -> Sequence[Address]:
    """Where mails come from, if the relay hands them on itself: its public addresses."""
    if not settings.smtp_url:
        return ()
    host = read_service_url("VIGIE_SMTP_URL", settings.smtp_url).host
    try:
        found: Sequence[Address] = (ip_address(host),)
    except ValueError:
        from shared.errors import MailUnavailable

        try:
            found = names.addresses(host)
        except MailUnavailable:
            found = ()  # the other checks say that nobody answers
    return [address for address in found if address.is_global]


def _local(host: str) -> bool:
    try:
        return ip_address(socket.gethostbyname(host)).is_loopback
    except (OSError, ValueError):
        return False


def _address(raw: str) -> Address:
    try:
        return ip_address(raw)
    except ValueError:
        raise ConfigError(f"--address {raw!r} is no IP address") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error

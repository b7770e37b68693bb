"""What other mail servers will find out about our mails, one check after the other, each with what to do.

The questions go to the DNS; nothing is sent. What only the relay knows (from which address it sends, with which
key it signs) has to be said by who asks.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Final

from services.notifier.authentication.signing import GOOD_BITS, Signer
from services.notifier.authentication.spf import Result, spf
from shared.dns_names import Address, Names
from shared.errors import MailUnavailable, VigieError
from shared.mail_signatures import LEAST_BITS, modulus_of, tags_of

MOST_LABELS: Final = 8  # of a domain, in the walk up to the one that has a policy


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was found, and where it is not well, what to do."""

    name: str
    ok: bool
    said: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Domains:
    """Of the sender that readers see, of the return address, and the addresses that mails leave from."""

    sender: str
    bounces: str
    addresses: tuple[Address, ...]
    selector: str = ""  # of the key that the relay signs with


def domains_of(mail_from: str, bounces_to: str, addresses: Sequence[Address], selector: str) -> Domains:
    sender = parseaddr(mail_from)[1].rpartition("@")[2].lower()
    return Domains(sender, bounces_to.rpartition("@")[2].lower() or sender, tuple(addresses), selector)


def checks(about: Domains, names: Names, signer: Signer | None) -> Iterator[Check]:
    """All that the DNS says of these domains."""
    if "." not in about.sender or about.sender.endswith(".localhost"):
        yield Check(
            "sender",
            False,
            f"mails come from {about.sender or 'no domain'}, which is nobody's",
            "Set VIGIE_MAIL_FROM to an address of a domain of yours, with VIGIE_SMTP_URL.",
        )
        return
    asked: tuple[tuple[str, Callable[[], Check]], ...] = (
        ("return", lambda: _returns(about, names)),
        ("spf", lambda: _spf(about, names)),
        ("dkim", lambda: _dkim(about, names, signer)),
        ("dmarc", lambda: _dmarc(about, names, signer)),
        ("ptr", lambda: _ptr(about, names)),
    )
    for name, check in asked:
        try:
            yield check()
        except MailUnavailable as error:
            yield Check(name, False, str(error), "Ask again, or another server with --resolver.")


def unknown(name: str) -> Check:
    said = "nobody here knows from which address mails reach other servers"
    return Check(name, False, said, "Ask again with --address IP, the one that the relay sends from.")


def _returns(about: Domains, names: Names) -> Check:
    hosts = names.mx(about.bounces)
    if hosts == ("",):
        said = f"{about.bounces} says that it takes no mail (null MX), and mails come back there"
        return Check("return", False, said, "Give it an MX, or set VIGIE_BOUNCES_TO to a domain that has one.")
    if any(names.addresses(host) for host in hosts) or (not hosts and names.addresses(about.bounces)):
        return Check("return", True, f"mails come back to {about.bounces}, at {', '.join(hosts) or 'its address'}")
    said = f"{about.bounces} has no MX that has an address, and mails come back there"
    return Check("return", False, said, "Give it an MX: many servers refuse a sender whose domain takes no mail.")


def _spf(about: Domains, names: Names) -> Check:
    if not about.addresses:
        return unknown("spf")
    for address in about.addresses:
        found = spf(address, about.bounces, names)
        if found.result is Result.PASS:
            continue
        kind = "ip4" if address.version == 4 else "ip6"
        if found.result is Result.NONE:
            remedy = f'Publish one: {about.bounces} TXT "v=spf1 {kind}:{address} -all"'
            return Check("spf", False, f"{about.bounces} has no SPF record", remedy)
        why = f" ({found.why})" if found.why else ""
        said = f"{about.bounces} says {found.result} to {address}{why}: {found.record}"
        remedy = "Mend the record." if found.why else f"Add {kind}:{address} to the record, before its all."
        return Check("spf", False, said, remedy)
    return Check("spf", True, f"{about.bounces} lets {', '.join(map(str, about.addresses))} send")


def _dkim(about: Domains, names: Names, signer: Signer | None) -> Check:
    selector = signer.selector if signer else about.selector
    if not selector:
        said = "Vigie does not sign, and nobody here knows whether the relay does"
        remedy = "Ask again with --selector NAME, the relay's, or let Vigie sign: VIGIE_DKIM_KEY_FILE."
        return Check("dkim", False, said, remedy)
    place = signer.name if signer else f"{selector}._domainkey.{about.sender}"
    publish = (
        f'Publish the key: {place} TXT "{signer.record}"' if signer else f"Publish the relay's key at {place}."
    )
    records = names.txt(place)
    if len(records) != 1:
        said = f"{place} has {'no' if not records else len(records)} TXT record{'s' if len(records) > 1 else ''}"
        return Check("dkim", False, said, publish)
    if wrong := _wrong_key(tags_of(records[0]), signer):
        return Check("dkim", False, f"{place}: {wrong}", publish)
    return Check("dkim", True, f"{place} has the key{' that Vigie signs with' if signer else ''}")


def _wrong_key(tags: dict[str, str], signer: Signer | None) -> str:
    """What is wrong with a published key; empty where nothing is."""
    if tags.get("v", "DKIM1") != "DKIM1":
        return f"it is no key but v={tags['v']}"
    if not tags.get("p"):
        return "the key was withdrawn (p= is empty)"
    if "y" in tags.get("t", "").split(":"):
        return "it says that you are testing (t=y): receivers treat mails as unsigned"
    if tags.get("k", "rsa").lower() != "rsa":
        return "" if signer is None else f"it is of the kind {tags['k']}, and Vigie signs with RSA"
    modulus = modulus_of(tags["p"].replace(" ", ""))
    if modulus is None:
        return "it holds no RSA key that could be read; long ones are often cut"
    if signer and modulus != signer.modulus:
        return "it is another key than the one in VIGIE_DKIM_KEY_FILE"
    if modulus.bit_length() < LEAST_BITS:
        return f"the key has {modulus.bit_length()} bits, which receivers refuse; {GOOD_BITS} are good"
    return ""


def _dmarc(about: Domains, names: Names, signer: Signer | None) -> Check:
    organisation, policy = organisation_of(about.sender, names)
    if policy is None:
        record = f'_dmarc.{organisation} TXT "v=DMARC1; p=none; rua=mailto:postmaster@{organisation}"'
        said = f"neither {about.sender} nor a domain above it has a DMARC record"
        return Check("dmarc", False, said, f"Publish one: {record}, and p=quarantine once the reports are clean.")
    if policy.get("p", "").lower() not in ("none", "quarantine", "reject"):
        return Check("dmarc", False, f"the record of {organisation} has no policy (p=)", "Add p=none to it.")
    signing = signer.domain if signer else about.sender if about.selector else ""
    ways = {
        "SPF": _aligned(about.sender, about.bounces, policy.get("aspf", ""), names),
        "DKIM": bool(signing) and _aligned(about.sender, signing, policy.get("adkim", ""), names),
    }
    if not any(ways.values()):
        said = f"neither the return address ({about.bounces}) nor a signature is of the sender's domain"
        remedy = f"Let VIGIE_BOUNCES_TO or the signature be of {about.sender} or a domain below it."
        return Check("dmarc", False, said, remedy)
    by = " and ".join(way for way, holds in ways.items() if holds)
    return Check("dmarc", True, f"{organisation} says p={policy['p']}, and our mails meet it by {by}")


def organisation_of(domain: str, names: Names) -> tuple[str, dict[str, str] | None]:
    """The domain that speaks for this one: the highest on the way up that has a record; and the nearest record."""
    labels, highest = domain.split(".")[-MOST_LABELS:], domain
    policy: dict[str, str] | None = None
    for start in range(len(labels) - 1):
        above = ".".join(labels[start:])
        records = [tags for tags in map(tags_of, names.txt(f"_dmarc.{above}")) if tags.get("v") == "DMARC1"]
        if records:
            highest, policy = above, policy or records[0]
    return highest, policy


def _aligned(sender: str, other: str, mode: str, names: Names) -> bool:
    if mode.lower() == "s" or sender == other:
        return sender == other
    return organisation_of(sender, names)[0] == organisation_of(other, names)[0]


def _ptr(about: Domains, names: Names) -> Check:
    if not about.addresses:
        return unknown("ptr")
    said = []
    for address in about.addresses:
        hosts = names.ptr(address)
        good = next((host for host in hosts if address in names.addresses(host)), "")
        if not good:
            what = f"leads to {', '.join(hosts)}, which does not lead back" if hosts else "has no name (PTR)"
            remedy = "Its provider sets the name of an address; that name's A or AAAA must be the address."
            return Check("ptr", False, f"{address} {what}", remedy)
        said.append(f"{address} is {good}")
    return Check("ptr", True, "; ".join(said))


def guarded(name: str, check: Callable[[], Check]) -> Check:
    """A check that asks the relay or reads a file: what it raises is what it found."""
    try:
        return check()
    except VigieError as error:
        return Check(name, False, str(error))

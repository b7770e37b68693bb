"""Signs mails (DKIM), and says of a mail's signatures whether each holds.

Signed are both headers of the one click: RFC 8058 wants it, and no signer that is left to its defaults does it.
"""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import parseaddr
from pathlib import Path
from typing import Final

from services.notifier.mime import Mail
from shared import mail_signatures
from shared.config import Settings
from shared.errors import ConfigError
from shared.mail_signatures import LEAST_BITS, private_key

SIGNATURE: Final = "DKIM-Signature"
GOOD_BITS: Final = 2048
ONE_CLICK: Final = ("list-unsubscribe", "list-unsubscribe-post")
# twice: a second one that somebody adds breaks the signature
SIGNED: Final = (
    "from", "from", "subject", "subject", "to", "reply-to", "date", "message-id", "mime-version", "content-type",
    "list-id", *ONE_CLICK, "precedence", "auto-submitted",
)  # fmt: skip
_RSA: Final = bytes.fromhex("300d06092a864886f70d0101010500")  # the algorithm of a public key, in DER

Txt = Callable[[str], tuple[str, ...]]  # the TXT records of a name


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs for a domain; `record` is what the DNS must say at `name`."""

    key: bytes
    selector: str
    domain: str
    record: str
    modulus: int

    @property
    def name(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"

    def sign(self, mail: Mail) -> Mail:
        """The mail with its signature on top."""
        value = mail_signatures.sign(mail.as_bytes(), self.key, self.selector, self.domain, SIGNED)
        return replace(mail, headers=((SIGNATURE, value), *mail.headers))


def signer_of(settings: Settings) -> Signer | None:
    """The signer of the settings; None where mails leave unsigned. Raises ConfigError."""
    if settings.dkim_key_file is None:
        return None
    domain = settings.dkim_domain or parseaddr(settings.mail_from)[1].rpartition("@")[2].lower()
    return open_signer(settings.dkim_key_file, settings.dkim_selector, domain)


def open_signer(path: Path, selector: str, domain: str) -> Signer:
    """Raises ConfigError for a file that holds no private RSA key that could be used."""
    try:
        raw = path.read_bytes().replace(b"\r\n", b"\n")
    except OSError as error:
        raise ConfigError(f"VIGIE_DKIM_KEY_FILE: {path} cannot be read: {error.strerror}.") from error
    make = f"Make one with: openssl genrsa -out {path} 2048"
    if b"ENCRYPTED" in raw:
        raise ConfigError(f"VIGIE_DKIM_KEY_FILE: the key in {path} has a password; it must have none. {make}")
    key = private_key(raw)
    if key is None:
        raise ConfigError(f"VIGIE_DKIM_KEY_FILE: {path} holds no private RSA key in PEM. {make}")
    modulus, exponent = key
    if modulus.bit_length() < LEAST_BITS:
        raise ConfigError(
            f"VIGIE_DKIM_KEY_FILE: the key in {path} has {modulus.bit_length()} bits; receivers refuse it. {make}"
        )
    record = f"v=DKIM1; k=rsa; p={b64encode(_public(modulus, exponent)).decode()}"
    return Signer(raw, selector, domain, record, modulus)


@dataclass(frozen=True, slots=True)
class Signature:
    """One of a mail's signatures. `holds` is None where the DNS has no key for it."""

    domain: str
    selector: str
    covers: frozenset[str]
    holds: bool | None


def signatures(mail: bytes, txt: Txt) -> tuple[Signature, ...]:
    """The signatures of a mail, in order, and whether each holds."""
    found = []
    for number, tags in enumerate(mail_signatures.signatures(mail)):
        covers = frozenset(tags.get("h", "").lower().split(":"))
        found.append(Signature(tags.get("d", ""), tags.get("s", ""), covers, _holds(mail, number, txt)))
    return tuple(found)


def _holds(mail: bytes, number: int, txt: Txt) -> bool | None:
    asked: list[tuple[str, ...]] = []

    def ask(name: str) -> bytes | None:
        asked.append(txt(name))
        return asked[-1][0].encode() if asked[-1] else None

    holds = mail_signatures.holds(mail, number, ask)
    return None if asked and not asked[-1] else holds


def _public(modulus: int, exponent: int) -> bytes:
    """SubjectPublicKeyInfo of an RSA key, in DER."""
    numbers = b"".join(_der(0x02, _integer(number)) for number in (modulus, exponent))
    return _der(0x30, _RSA + _der(0x03, b"\0" + _der(0x30, numbers)))


def _integer(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1)  # the first bit is the sign


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 128:
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(size))) + size + content

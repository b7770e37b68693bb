"""The door to DKIM (RFC 6376): signs the bytes of a mail, and says whether a signature holds. RSA alone."""

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Callable, Sequence
from typing import Final

import dkim
from dkim.crypto import UnparsableKeyError, parse_pem_private_key, parse_public_key

LEAST_BITS: Final = 1024  # fewer are refused by receivers
_ENDS: Final = re.compile(r"\r\n(?![ \t])")

Resolver = Callable[[str], bytes | None]  # the TXT record of a name, None where there is none


def sign(mail: bytes, key: bytes, selector: str, domain: str, headers: Sequence[str]) -> str:
    """The value of the signature's header over these headers and the whole body, perhaps folded."""
    field = dkim.sign(
        mail,
        selector.encode("ascii"),
        domain.encode("ascii"),
        key,
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=[name.encode("ascii") for name in headers],
    ).decode("ascii")
    return _ENDS.sub("", field.partition(":")[2].strip())


def signatures(mail: bytes) -> Sequence[dict[str, str]]:
    """The tags of a mail's signatures, in order; of what is no mail none."""
    try:
        headers = dkim.DKIM(mail, minkey=LEAST_BITS).headers
    except dkim.DKIMException:
        return ()
    fields = [value for name, value in headers if name.lower() == b"dkim-signature"]
    return [tags_of(re.sub(rb"\s", b"", field).decode("ascii", "replace")) for field in fields]


def holds(mail: bytes, number: int, resolve: Resolver) -> bool:
    """Whether the signature of that number holds. What `resolve` raises passes."""

    def ask(name: bytes, timeout: float = 0) -> bytes | None:  # noqa: ARG001 the library's form
        return resolve(name.decode("ascii", "replace").rstrip("."))

    try:
        return bool(dkim.DKIM(mail, minkey=LEAST_BITS).verify(idx=number, dnsfunc=ask))
    except (dkim.DKIMException, ValueError, UnicodeError):
        return False


def tags_of(record: str) -> dict[str, str]:
    """The tags of a record or a signature, `name=value` apart by semicolons; the first of a name counts."""
    pairs = [part.partition("=") for part in record.split(";") if "=" in part]
    return {name.strip().lower(): value.strip() for name, _, value in reversed(pairs)}


def private_key(pem: bytes) -> tuple[int, int] | None:
    """Modulus and exponent of a private RSA key; None where it is none."""
    try:
        key = parse_pem_private_key(pem)
        return int(key["modulus"]), int(key["publicExponent"])
    except (UnparsableKeyError, ValueError, LookupError, TypeError):
        return None


def modulus_of(published: str) -> int | None:
    """The modulus of a public RSA key in base64; None where it is none."""
    try:
        return int(parse_public_key(b64decode(published))["modulus"])
    except (UnparsableKeyError, Error, ValueError, LookupError, TypeError):
        return None

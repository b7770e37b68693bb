"""Pure. E-mail addresses: what we take, and the one spelling we keep.

Input is what a person typed; output is the normalised address, ASCII only and in lower case, which can stand in a
mail header and in an SMTP command as it is. Quoted local parts, address literals and comments are refused: nobody
who wants our mail has one, and every attack on a mail header does.
"""

import re
from typing import Final

import idna

from shared.errors import BadAddress

LONGEST: Final = 254  # RFC 5321, a path without its angle brackets
LONGEST_LOCAL: Final = 64
_LOCAL: Final = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_GMAIL: Final = ("gmail.com", "googlemail.com")
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def normalise(raw: str) -> str:
    """The address in its one spelling. Raises BadAddress, which says what is wrong and never repeats the input."""
    if any(ord(character) < 32 or ord(character) == 127 for character in raw):
        raise BadAddress("the address contains a line break or another control character")
    address = raw.strip(" ")
    if any(character.isspace() for character in address):
        raise BadAddress("the address contains a space")
    local, at, domain = address.rpartition("@")
    if not at:
        raise BadAddress("the address has no @; it must look like name@example.org")
    return _short(f"{_local(local)}@{_domain(domain)}")


def mailbox(address: str) -> str:
    """The mailbox that a normalised address leads to, as far as spelling tells: what limits count.

    Nothing is sent there. What stands after a + is a label almost everywhere. Gmail says that it ignores dots,
    too, and that its two domains are one; elsewhere a dot may tell two people apart.
    """
    local, _, domain = address.rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _GMAIL:
        return f"{local.replace('.', '')}@{_GMAIL[0]}"
    return f"{local}@{domain}"


def _local(local: str) -> str:
    if not local:
        raise BadAddress("there is nothing before the @ of the address")
    if "@" in local:
        raise BadAddress("the address has more than one @")
    if not local.isascii():
        raise BadAddress("before its @ the address has letters that most mail servers do not take")
    folded = local.lower()  # two spellings of one mailbox are one person
    if len(folded) > LONGEST_LOCAL or not _LOCAL.fullmatch(folded):
        raise BadAddress("what stands before the @ of the address is no mailbox name")
    return folded


def _domain(domain: str) -> str:
    try:
        encoded = idna.encode(domain, uts46=True).decode("ascii").lower() if domain else ""
    except idna.IDNAError:
        raise BadAddress("what stands after the @ of the address is no domain") from None
    labels = encoded.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        raise BadAddress("what stands after the @ of the address is no domain")
    if len(labels) == 1 and encoded != "localhost":
        raise BadAddress("the domain of the address has no ending, as in example.org")
    return encoded


def _short(address: str) -> str:
    if len(address) > LONGEST:
        raise BadAddress(f"the address is longer than {LONGEST} characters")
    return address

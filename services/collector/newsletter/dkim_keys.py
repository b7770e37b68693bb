"""The door to DKIM (RFC 6376): which domains' signatures of a mail hold. Asks the DNS for their keys."""

import re
from collections.abc import Callable
from typing import Final

import dkim

from shared.dns_names import Names
from shared.errors import FetchFailed, MailUnavailable, Trouble

MOST: Final = 5  # signatures of one mail that are looked at
WITHIN: Final = 5.0  # seconds for a question
LEAST_BITS: Final = 1024
_SPACE: Final = re.compile(rb"\s+")
_TAG: Final = re.compile(rb"(?:^|;)\s*([a-z]+)\s*=\s*([^;]*)")

Resolver = Callable[[str], bytes | None]  # the TXT record of a name, None where there is none; raises FetchFailed


def ask_dns(name: str) -> bytes | None:
    """Raises FetchFailed where nobody answers: that proves nothing against a mail."""
    try:
        records = Names(within=WITHIN).txt(name)
    except MailUnavailable as error:
        raise FetchFailed(
            f"{error}; where there is none, let the mailbox's own server vouch for senders (?authserv=)",
            Trouble.DNS,
        ) from error
    return records[0].encode() if records else None


def holds(raw: bytes, may_speak: Callable[[str], bool], resolve: Resolver = ask_dns) -> bool:
    """Whether a signature holds whose domain may speak for the sender. Raises FetchFailed where no DNS answers.

    Only such domains' keys are asked for: others' DNS need not answer. A signature that leaves out the From proves
    nothing (RFC 6376 section 6.1.1), nor does one over a part of the body (`l=`): what follows may be anybody's.
    """
    try:
        signed = dkim.DKIM(raw, minkey=LEAST_BITS)
    except dkim.DKIMException:
        return False
    fields = [value for name, value in signed.headers if name.lower() == b"dkim-signature"]
    for number, field in enumerate(fields[:MOST]):
        tags = {
            name.decode(): value.decode("ascii", "replace") for name, value in _TAG.findall(_SPACE.sub(b"", field))
        }
        covers = "from" in tags.get("h", "").lower().split(":") and "l" not in tags
        if covers and may_speak(tags.get("d", "").lower()) and _holds(raw, number, resolve):
            return True
    return False


def _holds(raw: bytes, number: int, resolve: Resolver) -> bool:
    def ask(name: bytes, timeout: float = WITHIN) -> bytes | None:  # noqa: ARG001 the library's form
        return resolve(name.decode("ascii", "replace").rstrip("."))

    try:
        return bool(dkim.DKIM(raw, minkey=LEAST_BITS).verify(idx=number, dnsfunc=ask))
    except (dkim.DKIMException, ValueError, UnicodeError):
        return False

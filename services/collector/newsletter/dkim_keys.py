"""Which domains' DKIM signatures of a mail hold. Asks the DNS for their keys."""

from collections.abc import Callable
from typing import Final

from shared import mail_signatures
from shared.dns_names import Names
from shared.errors import FetchFailed, MailUnavailable, Trouble
from shared.mail_signatures import Resolver, signatures

MOST: Final = 5  # signatures of one mail that are looked at
WITHIN: Final = 5.0  # seconds for a question


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
    for number, tags in enumerate(signatures(raw)[:MOST]):
        covers = "from" in tags.get("h", "").lower().split(":") and "l" not in tags
        if covers and may_speak(tags.get("d", "").lower()) and mail_signatures.holds(raw, number, resolve):
            return True
    return False

"""Pure. The links that mails carry: signed, bound to one purpose, and the shapes of their URLs.

A token is `subject.expiry.signature`, all of it letters and digits, so that no mail program cuts it. The signature
covers the purpose, which the token does not name: the path does, and a token for one path opens no other.
"""

import hmac
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from shared.errors import BadLink

CONFIRM_WITHIN: Final = timedelta(days=7)
SEPARATOR: Final = "-"  # between the subscriptions of one leave token; ids are hexadecimal


class Purpose(StrEnum):
    """What a token allows."""

    CONFIRM = "confirm"
    LEAVE = "leave"
    PREFERENCES = "preferences"


def sign(key: bytes, purpose: Purpose, subject: str, expires: datetime | None = None) -> str:
    """A token for `subject`; without `expires` it holds for ever."""
    until = str(int(expires.timestamp())) if expires else "0"
    return f"{subject}.{until}.{_signature(key, purpose, subject, until)}"


def verify(key: bytes, purpose: Purpose, token: str, now: datetime) -> str:
    """The subject of a token that `sign` made with this key for this purpose. Raises BadLink."""
    subject, _, rest = token.partition(".")
    until, _, signature = rest.partition(".")
    expected = _signature(key, purpose, subject, until)
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise BadLink("this link is damaged, or it is not one of ours")
    if until != "0" and now.timestamp() > int(until):
        raise BadLink("this link is too old")
    return subject


def fingerprint(token: str) -> str:
    """Names a token in the consent record without being one."""
    return sha256(token.encode()).hexdigest()[:16]


def address_hash(key: bytes, address: str) -> str:
    """Keyed hash of a normalised address: proves to who knows the address, tells nobody else."""
    return hmac.digest(key, f"address\0{address}".encode(), sha256).hex()


def _signature(key: bytes, purpose: Purpose, subject: str, until: str) -> str:
    digest = hmac.digest(key, f"{purpose}\0{subject}\0{until}".encode(), sha256)
    return b32encode(digest[:20]).decode().lower()


@dataclass(frozen=True, slots=True)
class Links:
    """Makes the URLs of mails; `portal` is the portal's address without a trailing slash."""

    portal: str
    key: bytes = field(repr=False)

    def confirm(self, language: str, subscription: str, requested_at: datetime) -> str:
        token = confirm_token(self.key, subscription, requested_at)
        return f"{self.portal}/{language}/confirm/{token}"

    def leave(self, language: str, subscriptions: Sequence[str]) -> str:
        """Ends these subscriptions, all at once: those that one mail carries."""
        token = sign(self.key, Purpose.LEAVE, SEPARATOR.join(subscriptions))
        return f"{self.portal}/{language}/leave/{token}"

    def preferences(self, language: str, subscription: str) -> str:
        return f"{self.portal}/{language}/preferences/{sign(self.key, Purpose.PREFERENCES, subscription)}"

    def item(self, language: str, item_id: str) -> str:
        return f"{self.portal}/{language}/items/{item_id}"


def confirm_token(key: bytes, subscription: str, requested_at: datetime) -> str:
    """The one token that confirms `subscription`; the same whenever it is made."""
    return sign(key, Purpose.CONFIRM, subscription, requested_at + CONFIRM_WITHIN)

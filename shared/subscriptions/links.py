"""Pure. The links that mails carry: signed, bound to one purpose, and the shapes of their URLs.

A token is `subject.expiry.signature`, all of it letters and digits, so that no mail program cuts it. The signature
covers the purpose, which the token does not name: the path does, and a token for one path opens no other. The
newest key signs; a link that an older one signed opens as long as that key is kept.
"""

import hmac
import re
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final
from urllib.parse import unquote

from shared.errors import BadLink
from shared.subscriptions.keys import Keys

CONFIRM_WITHIN: Final = timedelta(days=7)
_FOREIGN: Final = re.compile(r"[^a-z0-9.-]+")  # what stands in no token
_MAIL: Final = "m"  # begins the subject of a leave token that names a mail; ids are hexadecimal
_SEPARATOR: Final = "-"
BRIEF: Final = 16  # characters of the signature in an address that mails come back to


class Purpose(StrEnum):
    """What a token allows."""

    CONFIRM = "confirm"
    LEAVE = "leave"
    PREFERENCES = "preferences"
    PROOF = "proof"  # nothing: it shows whose portal answers
    BOUNCE = "bounce"  # to say that a mail came back
    ISSUE = "issue"  # to see the stories of a mail, and nothing of whom it went to
    OPEN = "open"  # once: all that somebody has, for an hour
    YOURS = "yours"  # that hour
    UNDO = "undo"  # once: to have again what was ended
    MOVE = "move"  # to take over somebody's subscriptions at this address
    KEEP = "keep"  # to say that mail is still wanted
    WIDEN = "widen"  # to give a subscription the wider terms that its reader was offered


def sign(keys: Keys, purpose: Purpose, subject: str, expires: datetime | None = None) -> str:
    """A token for `subject`; without `expires` it holds for ever."""
    until = str(int(expires.timestamp())) if expires else "0"
    return f"{subject}.{until}.{_signature(keys.signing[0], purpose, subject, until)}"


def verify(keys: Keys, purpose: Purpose, token: str, now: datetime) -> str:
    """The subject of a token that `sign` made with one of these keys for this purpose. Raises BadLink."""
    subject, until, signature = (*_mended(token).split(".", 2), "", "")[:3]
    expected = [_signature(key, purpose, subject, until).encode() for key in keys.signing]
    if not any(hmac.compare_digest(one, signature.encode()) for one in expected):
        raise BadLink("this link is damaged, or it is not one of ours")
    if until != "0" and now.timestamp() > int(until):
        raise BadLink("this link is too old")
    return subject


def fingerprint(token: str) -> str:
    """Names a token in the consent record without being one."""
    return sha256(_mended(token).encode()).hexdigest()[:16]


def _mended(token: str) -> str:
    """A token without what mail programs add to a link: a full stop, a bracket, spaces, escapes, capitals."""
    return _FOREIGN.sub("", unquote(unquote(token)).lower()).strip(".-")


def _signature(key: bytes, purpose: Purpose, subject: str, until: str) -> str:
    digest = hmac.digest(key, f"{purpose}\0{subject}\0{until}".encode(), sha256)
    return b32encode(digest[:20]).decode().lower()


@dataclass(frozen=True, slots=True)
class Leaves:
    """What a leave link names: a mail and whom it went to, or subscriptions by their ids."""

    mail: str = ""
    person: str = ""
    subscriptions: tuple[str, ...] = ()


def leaves(subject: str) -> Leaves:
    """What the subject of a leave token names."""
    parts = subject.split(_SEPARATOR)
    if subject.startswith(_MAIL):
        return Leaves(parts[0].removeprefix(_MAIL), parts[-1])
    return Leaves(subscriptions=tuple(parts))


@dataclass(frozen=True, slots=True)
class Links:
    """Makes the URLs of mails; `portal` is the portal's address without a trailing slash."""

    portal: str
    keys: Keys

    def confirm(self, language: str, subscription: str, requested_at: datetime) -> str:
        token = confirm_token(self.keys, subscription, requested_at)
        return f"{self.portal}/{language}/confirm/{token}"

    def leave(self, language: str, *subscriptions: str) -> str:
        token = sign(self.keys, Purpose.LEAVE, _SEPARATOR.join(subscriptions))
        return f"{self.portal}/{language}/leave/{token}"

    def leave_mail(self, language: str, mail: str, person: str) -> str:
        """Ends all that a mail carries, however many subscriptions that are."""
        token = sign(self.keys, Purpose.LEAVE, f"{_MAIL}{mail}{_SEPARATOR}{person}")
        return f"{self.portal}/{language}/leave/{token}"

    def preferences(self, language: str, subscription: str) -> str:
        return f"{self.portal}/{language}/preferences/{sign(self.keys, Purpose.PREFERENCES, subscription)}"

    def issue(self, language: str, mail: str) -> str:
        """The page with every story of a mail."""
        return f"{self.portal}/{language}/issues/{sign(self.keys, Purpose.ISSUE, mail)}"

    def about(self, language: str) -> str:
        """The page that says who runs this, and what becomes of whose data."""
        return f"{self.portal}/{language}/about"

    def once(self, purpose: Purpose, language: str, subject: str, until: datetime | None) -> str:
        """A link of self-service, named after its purpose."""
        return f"{self.portal}/{language}/{purpose}/{sign(self.keys, purpose, subject, until)}"

    def item(self, language: str, item_id: str) -> str:
        return f"{self.portal}/{language}/items/{item_id}"


def bounce_token(keys: Keys, mail: str) -> str:
    """Stands in the address that a mail comes back to: the mail's id, and a signature that fits in there."""
    return f"{mail}{_brief(keys.signing[0], mail)}"


def bounced_mail(keys: Keys, token: str) -> str | None:
    """The mail of a token that `bounce_token` made with one of these keys; None for another's."""
    mail, signature = token[:-BRIEF], token[-BRIEF:].encode()
    ours = any(hmac.compare_digest(_brief(key, mail).encode(), signature) for key in keys.signing)
    return mail if ours else None


def _brief(key: bytes, mail: str) -> str:
    """80 bits: whoever guesses has to ask us each time."""
    return _signature(key, Purpose.BOUNCE, mail, "0")[:BRIEF]


def confirm_token(keys: Keys, subscription: str, requested_at: datetime) -> str:
    """The one token that confirms `subscription`; the same whenever it is made."""
    return sign(keys, Purpose.CONFIRM, subscription, requested_at + CONFIRM_WITHIN)

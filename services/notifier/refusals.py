"""Pure. What a relay's refusal is about: us, its connection, this mailbox or this mail.

The enhanced code (RFC 3463) decides where it says enough; else the words; else the code and the moment. What is
said before any recipient is known concerns every mail, and so do 5.7.x and the word relay, except for the mailbox
that a relay's table does not know, which has a code of its own (`550 5.1.1 … in relay recipient table`). Whoever
reads bounces asks the same questions of the codes that they carry.
"""

import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from shared.subscriptions.words import Blame


class Phase(IntEnum):
    """The command that was refused, in order. Up to MAIL nobody has named a recipient."""

    GREETING = 0
    MAIL = 1
    RCPT = 2
    DATA = 3
    END = 4  # after the final dot


class About(StrEnum):
    """What a refusal is about, and whether it passes."""

    CONNECTION = "connection"  # a new one helps
    LIMIT = "limit"  # every mail, for a while
    US = "us"  # every mail, until somebody does something about it
    GONE = "gone"  # the mailbox does not exist
    MAILBOX = "mailbox"  # this mail to this mailbox, for good
    MAILBOX_LATER = "mailbox later"
    GREYLISTED = "greylisted"  # this mail to this mailbox waits, and that says nothing of any other
    MAIL = "mail"  # this mail, for good
    MAIL_LATER = "mail later"

    @property
    def blame(self) -> Blame:
        return _BLAMES[self]

    @property
    def permanent(self) -> bool:
        """Whether this mail is refused for good, and alone."""
        return self in (About.GONE, About.MAILBOX, About.MAIL)


_BLAMES: Final = {
    About.CONNECTION: Blame.WORLD,
    About.LIMIT: Blame.WORLD,
    About.US: Blame.US,
    About.GONE: Blame.MAILBOX,
    About.MAILBOX: Blame.MAILBOX,
    About.MAILBOX_LATER: Blame.MAILBOX,
    About.GREYLISTED: Blame.MAILBOX,
    About.MAIL: Blame.MAIL,
    About.MAIL_LATER: Blame.MAIL,
}


@dataclass(frozen=True, slots=True)
class Reply:
    """A relay's answer. `enhanced` is its code of RFC 3463, empty where it gave none."""

    code: int
    enhanced: str
    words: str


GOING_AWAY: Final = 421
LOGIN: Final = frozenset({530, 534, 535, 538})  # the relay wants a login, or another one
NO_MAILBOX: Final = frozenset({"1.1", "1.6", "1.10", "2.1"})  # with a 5 before it: this mailbox does not exist
_STORAGE: Final = 552
_LEADING: Final = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_QMAIL: Final = re.compile(r"\(#([245]\.\d{1,3}\.\d{1,3})\)")
# addresses and host names may hold any word: `<relay@example.org>`, `relay.example.org`
_NAMES: Final = re.compile(r"\S*@\S*|\b[\w-]+(?:\.[\w-]+)+\b|https?://\S+")
_RELAY: Final = re.compile(r"\brelay(?:s|ed|ing)?\b|\baccess (?:is )?denied\b|\bauthenticat", re.I)
_OURS: Final = re.compile(r"\bsender\b|\bclient\b|\b[eh][eh]lo\b|\bblock(?:ed|list\w*)?\b|\bblacklist\w*", re.I)
_LIMIT: Final = re.compile(r"\bquota\b|throttl|\brate\b|\blimit|\btoo (?:many|much|fast)\b|\bexceed", re.I)
_SENDING: Final = re.compile(r"\bsen(?:ding|t)\b|\bdaily\b|\bhourly\b|\brate\b|\btoo many\b|submissionquota", re.I)
_FULL: Final = re.compile(r"\b(?:mailbox|inbox|user|recipient|account|storage|disk)\b", re.I)
_BIG: Final = re.compile(r"\b(?:size|big|large)\b", re.I)
_GREY: Final = re.compile(r"gr[ea]y-?list", re.I)


def parsed(code: int, said: str) -> Reply:
    """The answer of `code` with its text, which may have several lines."""
    found = _LEADING.match(said) or _QMAIL.search(said)
    return Reply(code, found[1] if found else "", " ".join(said.split()))


def judge(phase: Phase, reply: Reply) -> About:
    """What a refusal (4xx or 5xx) at this moment is about."""
    if reply.code == GOING_AWAY or reply.enhanced == "4.5.3":
        return About.CONNECTION
    if phase <= Phase.MAIL:
        return _before_any_recipient(reply)
    return _by_enhanced(phase, reply) or _by_words(reply) or _by_moment(phase, reply)


def _before_any_recipient(reply: Reply) -> About:
    """Every mail's, whatever the words; but some relays say here that this one is too big."""
    if reply.code == _STORAGE and reply.enhanced in ("", "5.3.4"):
        return About.MAIL
    return About.LIMIT if reply.code < 500 and reply.code not in LOGIN else About.US


def _by_enhanced(phase: Phase, reply: Reply) -> About | None:
    """None where the enhanced code is missing or says too little."""
    for_now = reply.code < 500
    rest = reply.enhanced[2:]
    if rest in NO_MAILBOX:
        return About.MAILBOX_LATER if for_now else About.GONE
    match rest:
        case "1.7" | "1.8" | "4.5":  # the sender's address; what large providers say of their daily limit
            return _of_all(for_now=for_now)
        case "2.0" if for_now and phase is Phase.RCPT:
            return About.GREYLISTED
        case "2.2":  # full
            return _of_mailbox(for_now=for_now)
        case "3.4":  # too big
            return _of_mail(for_now=for_now)
        case _ if rest.startswith("3.") and for_now:  # the relay's own disk, tables, doors
            return About.LIMIT
    return None


def _by_words(reply: Reply) -> About | None:
    for_now, words = reply.code < 500, _NAMES.sub(" ", reply.words)
    if reply.code in LOGIN or _RELAY.search(words):
        return About.US
    if for_now and _GREY.search(reply.words):
        return About.GREYLISTED
    if _BIG.search(words):
        return _of_mail(for_now=for_now)
    if _LIMIT.search(words):
        return _of_all(for_now=for_now) if _SENDING.search(words) else _of_quota(reply, words)
    if _OURS.search(words) or reply.enhanced.startswith("5.7."):
        return _of_all(for_now=for_now)
    return None


def _of_quota(reply: Reply, words: str) -> About:
    """A quota may be the mailbox's, or ours."""
    theirs = _FULL.search(words) or reply.enhanced[2:].startswith("2.") or reply.code == _STORAGE
    return _of_mailbox(for_now=reply.code < 500) if theirs else _of_all(for_now=reply.code < 500)


def _by_moment(phase: Phase, reply: Reply) -> About:
    theirs = phase is Phase.RCPT or reply.enhanced[2:].startswith(("1.", "2."))
    return _of_mailbox(for_now=reply.code < 500) if theirs else _of_mail(for_now=reply.code < 500)


def _of_all(*, for_now: bool) -> About:
    return About.LIMIT if for_now else About.US


def _of_mailbox(*, for_now: bool) -> About:
    return About.MAILBOX_LATER if for_now else About.MAILBOX


def _of_mail(*, for_now: bool) -> About:
    return About.MAIL_LATER if for_now else About.MAIL


def code_of(said: str) -> str:
    """The enhanced code of an answer, else SMTP's; empty where it has neither."""
    reply = _reply(said)
    return reply.enhanced or str(reply.code or "")


def names_limit(said: str) -> bool:
    """Whether an answer speaks of how much it takes; else it is ill, or will not say."""
    reply = _reply(said)
    return reply.enhanced == "4.5.3" or bool(_LIMIT.search(_NAMES.sub(" ", reply.words)))


def alike(said: str) -> str:
    """What two refusals have in common that are the same for different recipients: the codes, else the words."""
    reply = _reply(said)
    words = " ".join(word for word in _NAMES.sub(" ", reply.words).lower().split() if word.isalpha())
    return f"{reply.code} {reply.enhanced or words}"


def _reply(said: str) -> Reply:
    return parsed(int(said[:3]), said[4:]) if said[:3].isdecimal() else Reply(0, "", said)

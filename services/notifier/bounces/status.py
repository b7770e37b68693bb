"""Pure. What a delivery status (RFC 3464) says of a mail's fate, and which code carries that.

Action says whether it is over. Whether it is over for good says the code in Diagnostic-Code, then Status, then the
text before it: exim writes 5.0.0 whatever happened, OpenSMTPD gives the server's answer in the text alone, and
sendmail makes 5.1.1 of every 550 without a code of its own, a refused relay's too.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.notifier.bounces.parts import Fields, read_fields
from services.notifier.refusals import NO_MAILBOX, About, Phase, Reply, judge


class Verdict(StrEnum):
    """What a mail says of one of ours."""

    PERMANENT = "permanent"  # the mailbox does not exist
    TRANSIENT = "transient"  # this mail did not arrive; another may
    DELAYED = "delayed"  # it is still tried
    COMPLAINT = "complaint"  # its reader calls it unwanted
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Fate:
    """A verdict, the code of RFC 3463 that decided it, and the server's words."""

    verdict: Verdict
    code: str | None = None
    said: str = ""


NOTHING: Final = Fate(Verdict.NOTHING)
EXPIRED: Final = "4.4.7"
LONGEST: Final = 500  # characters of a server's words
_MILDEST_FIRST: Final = (Verdict.NOTHING, Verdict.DELAYED, Verdict.TRANSIENT, Verdict.PERMANENT)
_GROUPS: Final = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_STATUS: Final = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b", re.ASCII)
# "smtp; 550 5.1.1 …", "SMTP; 550-5.1.1 …", "smtp;550 #5.1.0 …"; the code of RFC 3463 may miss
_ANSWER: Final = re.compile(
    r"[\w-]{0,40}\s*(?:;\s*)?([45]\d\d)(?:[ -]+#?([245]\.\d{1,3}\.\d{1,3})\b)?([^\n]*)", re.ASCII
)
_BOTH: Final = re.compile(r"\b([45]\d\d)[ -]+#?([45]\.\d{1,3}\.\d{1,3})\b([^\n]*)", re.ASCII)
_OF_ADDRESS: Final = re.compile(
    r"^[ \t]*<?[^\s<>@]{1,128}@[^\s<>@]{1,255}?>?:[ \t]+([45]\d\d)\b()([^\n]*)", re.MULTILINE | re.ASCII
)
_NOBODY: Final = re.compile(
    r"\b(?:unknown|no such|invalid|non-?existent) (?:local )?(?:user|recipient|mailbox|address|account)\b"
    r"|\b(?:user|recipient|mailbox|address|account)\b[^.;]{0,40}?"
    r"(?:\bunknown\b|\binvalid\b|\bnot (?:found|exist)|\bdoes(?: not|n't) exist|\bno longer exists\b)",
    re.IGNORECASE,
)


def fate_of(report: str, before: str) -> Fate:
    """What a delivery status says, with the text `before` it; of several recipients the mildest counts."""
    blocks = [read_fields(block) for block in _GROUPS.split(report.strip("\n"))[:100]]
    fates = [_fate(block, before) for block in blocks if _value(block, "action") or _value(block, "status")]
    return min(fates, key=lambda fate: _MILDEST_FIRST.index(fate.verdict), default=NOTHING)


def _fate(block: Fields, before: str) -> Fate:
    """Of one recipient."""
    found = _STATUS.match(_value(block, "status"))
    status, action = found[1] if found else "", _value(block, "action").lower()
    action = action or {"5": "failed", "4": "delayed"}.get(status[:1], "")
    if action == "failed":
        return _failed(_value(block, "diagnostic-code"), status, before)
    if action == "delayed":
        # who says until when it is tried has not given up yet
        over = status == EXPIRED and not _value(block, "will-retry-until")
        return Fate(Verdict.TRANSIENT if over else Verdict.DELAYED, status or None)
    return NOTHING


def _failed(diagnostic: str, status: str, before: str) -> Fate:
    reply = _reply(_ANSWER.match(diagnostic), _BOTH.search(diagnostic))
    if reply is None and _vague(status):
        reply = _reply(_BOTH.search(before), _OF_ADDRESS.search(before))
    if reply is None:
        return Fate(_by_code(status), status or None, diagnostic[:LONGEST])
    said = f"{reply.code} {reply.enhanced} {reply.words}".replace("  ", " ")
    if not _vague(reply.enhanced):
        gone = reply.enhanced.startswith("5.") and judge(Phase.RCPT, reply) is About.GONE
        return Fate(Verdict.PERMANENT if gone else Verdict.TRANSIENT, reply.enhanced, said)
    return _by_words(reply, status, said)


def _by_words(reply: Reply, status: str, said: str) -> Fate:
    """An answer without a code of its own; `status` is what the reporting server makes of it."""
    about, own = judge(Phase.RCPT, reply), f"{reply.code // 100}.0.0"
    if reply.code < 500 or about in (About.US, About.LIMIT, About.CONNECTION):
        return Fate(Verdict.TRANSIENT, status if status[:1] == own[0] == "4" else own, said)
    if not _vague(status) and status[0] == own[0]:
        return Fate(_by_code(status), status, said)
    return Fate(Verdict.PERMANENT if _NOBODY.search(reply.words) else Verdict.TRANSIENT, own, said)


def _by_code(status: str) -> Verdict:
    gone = status.startswith("5.") and status[2:] in NO_MAILBOX
    return Verdict.PERMANENT if gone else Verdict.TRANSIENT


def _reply(*found: re.Match[str] | None) -> Reply | None:
    """The first answer with a code of RFC 3463, else the first."""
    answers = [Reply(int(each[1]), each[2] or "", each[3].strip()[:LONGEST]) for each in found if each]
    return next((each for each in answers if each.enhanced), answers[0] if answers else None)


def _vague(code: str) -> bool:
    return not code or code.endswith(".0.0")


def _value(block: Fields, name: str) -> str:
    return next((" ".join(value.split()) for known, value in block if known == name), "")

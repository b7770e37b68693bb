"""Pure. What a mail says of one of ours: from its bytes to a verdict, and to what names the mail it is about.

Who it is about is read from what we signed (the address it came back to, the leave link of the mail that it
carries) or from that mail's Message-ID, and never from the recipient it names: an alias, a forward or a forger
names whom they like.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from services.notifier.bounces.parts import Fields, Part, read_fields, read_mail
from services.notifier.bounces.status import NOTHING, Fate, Verdict, fate_of
from services.notifier.outcomes import without_addresses

COMPLAINTS: Final = frozenset({"abuse", "fraud", "opt-out", "opt-out-list"})
STATUS: Final = ("message/delivery-status", "message/global-delivery-status")
FEEDBACK: Final = "message/feedback-report"
ORIGINALS: Final = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
_TO: Final = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-rcpt-to", "to")
_FROM: Final = ("return-path", "x-envelope-from", "envelope-from", "original-mail-from", "sender")
_TOKEN: Final = re.compile(r"(?<![0-9a-z])([0-9a-f]{32}[a-z2-7]{16})(?=@|=40|$)")
_LEAVE: Final = re.compile(r"/leave/(m[0-9a-f]+-[0-9a-f]+\.0\.[a-z2-7]{32})\b")
_MESSAGE_ID: Final = re.compile(r"<([0-9a-f]{32})@[^<>\s]+>")
_NULL: Final = re.compile(r"<?\s*(?:mailer-daemon(?:@\S*?)?)?\s*>?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a mail says. `tokens` and `links` are to be checked, `mail` is a Message-ID's, which nobody signed."""

    verdict: Verdict
    code: str | None = None
    said: str = ""
    tokens: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    mail: str = ""


def read_bounce(mail: bytes) -> Bounce:
    """Of any bytes; what is no bounce and no complaint says nothing."""
    top = read_mail(mail)
    leaves = tuple(top.leaves())
    fate = _fate(top, leaves)
    if fate.verdict is Verdict.NOTHING:
        return Bounce(Verdict.NOTHING)
    original, report = _original(leaves), _report(leaves)
    signed = [*_values(top.headers, _TO), *_values(original, _FROM), *_values(report, _FROM)]
    return Bounce(
        verdict=fate.verdict,
        code=fate.code,
        said=without_addresses("".join(each if each.isprintable() else " " for each in fate.said)),
        tokens=tuple(dict.fromkeys(found for value in signed for found in _TOKEN.findall(value.lower()))),
        links=tuple(_LEAVE.findall(" ".join(_values(original, ("list-unsubscribe",))).lower())),
        mail=next(iter(_MESSAGE_ID.findall(" ".join(_values(original, ("message-id",))).lower())), ""),
    )


def _fate(top: Part, leaves: Sequence[Part]) -> Fate:
    for place, part in enumerate(leaves):
        if part.kind == FEEDBACK:
            kind = next(iter(_values(read_fields(part.text()), ("feedback-type",))), "").lower()
            return Fate(Verdict.COMPLAINT if kind in COMPLAINTS else Verdict.NOTHING, None, f"reported as {kind}")
        if part.kind in STATUS:
            if not _from_nobody(top):  # somebody passes a bounce on
                return NOTHING
            return fate_of(part.text(), "\n".join(each.text() for each in leaves[:place] if _is_text(each)))
    return NOTHING


def _from_nobody(top: Part) -> bool:
    """A bounce has no sender, which some servers call MAILER-DAEMON; a file may not say who sent it."""
    return all(_NULL.fullmatch(value) for value in _values(top.headers, ("return-path",)))


def _is_text(part: Part) -> bool:
    return part.kind == "text/plain"


def _original(leaves: Sequence[Part]) -> Fields:
    """The headers of the mail that came back."""
    for part in leaves:
        if part.kind in ORIGINALS:
            raw = part.content()
            return read_mail(raw if raw.strip() else part.body).headers
    return ()


def _report(leaves: Sequence[Part]) -> Fields:
    return next((read_fields(part.text()) for part in leaves if part.kind == FEEDBACK), ())


def _values(fields: Fields, names: Sequence[str]) -> Iterator[str]:
    return (value for known, value in fields if known in names)

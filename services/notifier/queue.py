"""Pure. How the queue flows: at will, or one mail at a time from some moment on, and what an outcome changes.

Two things stop it. At a *limit* (`Blame.WORLD`) the relay takes no more for a while: the pause is found by trying,
and learned, since most limits count in windows: from one beginning to the next. A refusal *about us* (`Blame.US`)
lasts until somebody does something: one mail at a time asks, each time another, until the relay takes one.

Refusals that are each about a mailbox or a mail are about us when three different recipients got the same answer
and nobody's mail was taken between. And a mail that waited for our sake and is refused again while the others
pass was the cause itself: then it pays alone. So a stop never outlives the next mail that the relay takes, and
never comes back for the same mail.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from services.notifier.outcomes import (
    Before,
    Ended,
    Refused,
    Result,
    Sent,
    Unknown,
    result,
    spread,
    waiting,
    without_addresses,
)
from services.notifier.refusals import About, Phase, alike
from shared.subscriptions.words import Blame

ALIKE: Final = 3  # different recipients refused alike, and none accepted between: it is about us
FIRST_GAP: Final = 1.0  # seconds
LONGEST_GAP: Final = 300.0
GROWTH: Final = 0.1  # of the time since the stop: what is lost at most by not knowing the window
SEEKING: Final = 0.5  # of a window that is known roughly
SURE: Final = 0.02  # of a window: nearer than that it is not looked for
ASKED: Final = (5, 15, 60, 120, 240, 480, 900)  # seconds between the mails that ask whether we are taken again
BEHIND: Final = timedelta(seconds=1)  # a mail that was refused lets the others ask first
LATER: Final = 10  # minutes between tries while everybody is refused for now
_STOPS: Final = (About.LIMIT, About.CONNECTION)
_LATER: Final = (About.MAILBOX_LATER, About.MAIL_LATER)


@dataclass(frozen=True, slots=True)
class Alike:
    """A refusal in a run of refusals in the same words."""

    delivery: str
    recipient: str
    said: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Queue:
    """How the relay stands to us.

    `blame` is what stops the queue since `since`, in the relay's words `said`; nothing goes before `not_before`,
    and then one mail at a time, of which the last was `probe` and `probes` were refused. `began` is when the relay
    took mail again after a limit; from there to the next such moment it is more than `least` and at most `most`
    seconds, where that is known. `run` are the refusals in the same words since the last mail that was taken.
    `limited` is when a limit was met first since the queue last ran dry.
    """

    blame: Blame = Blame.NOBODY
    said: str = ""
    since: datetime | None = None
    not_before: datetime | None = None
    probe: str = ""
    probes: int = 0
    began: datetime | None = None
    least: float = 0.0
    most: float = 0.0
    run: tuple[Alike, ...] = ()
    limited: datetime | None = None

    @property
    def stopped(self) -> bool:
        return self.blame is not Blame.NOBODY

    @property
    def plain(self) -> bool:
        """Whether a mail that is taken changes nothing here."""
        return not self.stopped and not self.run

    def opens(self, now: datetime) -> bool:
        """Whether anything may go: all of it, or one mail that asks. A clock that was ahead holds up nothing."""
        if self.not_before is None or self.not_before <= now:
            return True
        return self.not_before - now > timedelta(seconds=max(LONGEST_GAP, self.most, ASKED[-1]))


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of the delivery and of the queue; `undo` are those that failed before for our sake."""

    result: Result
    queue: Queue
    undo: tuple[str, ...] = ()


def decide(outcome: Ended, before: Before, queue: Queue, now: datetime, last_sent: datetime | None) -> Decision:
    """What an outcome means. `last_sent` is when the relay last took a mail of ours."""
    match outcome:
        case Sent():
            return Decision(result(outcome, before, now), _flows(queue, now))
        case Unknown() if queue.stopped:
            return Decision(result(outcome, before, now), _asked(queue, queue.said, now))
        case Refused():
            return _refused(outcome, before, _since(queue, last_sent), now)
    return Decision(result(outcome, before, now), queue)


def dry(queue: Queue) -> Queue:
    """Nothing is due any more: whatever the limit was, nobody waits for it."""
    if queue.blame is Blame.WORLD:
        queue = replace(queue, blame=Blame.NOBODY, said="", since=None, not_before=None, probe="", probes=0)
    return replace(queue, limited=None)


def _refused(refused: Refused, before: Before, queue: Queue, now: datetime) -> Decision:
    proven = refused.phase > Phase.MAIL and not queue.stopped  # and the relay takes mail: then it is this one
    if queue.blame is Blame.US or (refused.about is About.US and not (proven and before.blame is Blame.US)):
        return _about_us(refused, before, queue, now)
    if refused.about in _STOPS:
        limited = _limited(refused, before, queue, now)
        return (
            replace(limited, result=_alone(refused, before, now))
            if proven and before.blame is Blame.WORLD
            else limited
        )
    flowing = (
        _flows(queue, now) if queue.stopped else queue
    )  # what it says of this mail, it says to a sender it takes
    if refused.about is About.US:
        return Decision(_alone(refused, before, now), flowing)
    if refused.about is About.GREYLISTED or before.blame is Blame.US:
        return Decision(result(refused, before, now), flowing)
    return _in_a_run(refused, before, flowing, now)


def _alone(refused: Refused, before: Before, now: datetime) -> Result:
    """It was said of all mails, and was about this one."""
    about = About.MAILBOX_LATER if refused.phase is Phase.RCPT else About.MAIL_LATER
    return result(replace(refused, about=about), before, now)


def _about_us(refused: Refused, before: Before, queue: Queue, now: datetime) -> Decision:
    said = without_addresses(refused.reason)
    stopped = queue if queue.blame is Blame.US else replace(queue, blame=Blame.US, since=now, probes=0)
    asked = _asked(stopped, said, now)
    assert asked.not_before is not None  # it waits
    return Decision(waiting(before, asked.not_before + BEHIND, said, Blame.US), asked)


def _limited(refused: Refused, before: Before, queue: Queue, now: datetime) -> Decision:
    said = without_addresses(refused.reason)
    limited = queue.limited or now
    stopped = queue if queue.stopped else replace(queue, blame=Blame.WORLD, since=now, probes=0, limited=limited)
    asked = _asked(stopped, said, now)
    assert asked.not_before is not None  # it waits
    return Decision(waiting(before, asked.not_before + BEHIND, said, Blame.WORLD), asked)


def _in_a_run(refused: Refused, before: Before, queue: Queue, now: datetime) -> Decision:
    said = f"{refused.phase}/{alike(refused.reason)}"
    others = [one for one in queue.run if one.said == said and one.recipient != before.recipient]
    run = (*others, Alike(before.delivery, before.recipient, said, now))
    running = replace(queue, run=run[-ALIKE:])
    if len({one.recipient for one in run}) < ALIKE:
        return Decision(result(refused, before, now), running)
    if refused.about in _LATER:  # the relay refuses everybody for now: that costs nobody anything
        words = without_addresses(refused.reason)
        return Decision(waiting(before, now + spread(LATER, before), words, Blame.WORLD), running)
    decided = _about_us(refused, before, replace(queue, run=()), now)
    return replace(decided, undo=tuple(one.delivery for one in others))


def _since(queue: Queue, last_sent: datetime | None) -> Queue:
    """The queue with those refusals in its run after which the relay took nothing."""
    if last_sent is None:
        return queue
    return replace(queue, run=tuple(one for one in queue.run if one.at >= last_sent))


def _flows(queue: Queue, now: datetime) -> Queue:
    """The relay takes mail."""
    if not queue.stopped:
        return replace(queue, run=()) if queue.run else queue
    most = _passed(queue, now) if queue.blame is Blame.WORLD else 0.0
    return Queue(
        began=now if queue.blame is Blame.WORLD else queue.began,
        least=queue.least if queue.least < (most or queue.most) else most / 2,
        most=most or queue.most,
        limited=queue.limited,
    )


def _asked(queue: Queue, said: str, now: datetime) -> Queue:
    """The relay still takes nothing: when to ask again."""
    if queue.blame is Blame.US:
        pause, least = float(ASKED[min(queue.probes, len(ASKED) - 1)]), queue.least
    else:
        least = max(queue.least, _passed(queue, now))
        pause = _pause(least, queue.most, _passed(queue, now), (now - (queue.since or now)).total_seconds())
    until = now + timedelta(seconds=pause)
    return replace(queue, said=said, probe="", probes=queue.probes + 1, least=least, not_before=until)


def _pause(least: float, most: float, passed: float, stopped: float) -> float:
    """Seconds to the next try: the window's end where it is known; else growing, and where it is thought to be."""
    if most <= passed:
        return min(LONGEST_GAP, max(FIRST_GAP, GROWTH * stopped))
    if most - least <= max(1.0, SURE * most):
        return max(1.0, most - passed)
    half = (max(least, passed) + most) / 2
    return min(max(1.0, half - passed), LONGEST_GAP, max(FIRST_GAP, SEEKING * most))


def _passed(queue: Queue, now: datetime) -> float:
    return max(0.0, (now - queue.began).total_seconds()) if queue.began else 0.0

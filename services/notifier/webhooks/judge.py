"""Pure. What a try makes of a post, and of the webhook that it went to.

Nobody answers, or the server is busy or broken: the webhook as a whole is left in peace for a while that grows.
It refuses this post: the post waits, and the others go on. After three days with nothing but failures the webhook
is paused until its owner says so; at once where it says that it is gone (410).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.notifier.outcomes import PATIENCE
from shared.moments import not_after
from shared.subscriptions.words import State
from shared.web.posting import Answer

GIVE_UP: Final = timedelta(days=3)
LONGEST: Final = timedelta(days=1)  # that a server may ask to be left in peace for
BREATH: Final = timedelta(seconds=10)  # between a post that was refused and the next one
GONE: Final = 410
_FOR_NOW: Final = (408, 425, 429)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a webhook stands: the tries in a row that failed, since when, and until when it is left in peace."""

    failures: int = 0
    failing_since: datetime | None = None
    not_before: datetime | None = None
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Became:
    """What becomes of the post."""

    state: State
    due_at: datetime
    attempts: int
    standing: Standing


def judge(answer: Answer, attempts: int, standing: Standing, now: datetime) -> Became:
    """`attempts` are those of the post before this one."""
    if answer.taken:
        return Became(State.SENT, now, attempts + 1, Standing())
    failures = standing.failures + 1
    since = not_after(standing.failing_since, now) if standing.failing_since else now
    whole = answer.status is None or answer.status >= 500 or answer.status in _FOR_NOW
    wanted = min(timedelta(seconds=answer.retry_after or 0), LONGEST)
    peace = max(_pause(failures), wanted) if whole else BREATH
    paused = answer.status == GONE or now - since >= GIVE_UP
    tried = attempts if whole else attempts + 1  # a webhook that is away costs no post its tries
    over = not paused and tried > len(PATIENCE)
    state = State.FAILED if over else State.PENDING
    due_at = now + (peace if whole else max(_pause(tried), wanted))
    return Became(state, due_at, tried, Standing(failures, since, now + peace, paused))


def _pause(failures: int) -> timedelta:
    return timedelta(minutes=PATIENCE[min(failures, len(PATIENCE)) - 1])

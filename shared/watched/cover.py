"""Pure. What the spans of a source say of a stretch of time: watched throughout, with gaps, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.watched.rules import Span, Watch, Why


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which something of the source may have come and gone unseen. `words` say more than `why`."""

    source: str
    since: datetime
    until: datetime
    why: Why
    words: str = ""


@dataclass(frozen=True, slots=True)
class Unwatched:
    """A source that was watched at no time, and why."""

    source: str
    why: Why
    words: str = ""


def gaps(
    source: str, watch: Watch | None, over: Sequence[Span], since: datetime, now: datetime, off: str | None = None
) -> tuple[Gap, ...] | Unwatched:
    """The gaps from `since` to `now`; none means watched throughout. `off` is why the source is not polled, if so.

    The time since the last proof counts as watched as long as the next one is not late and nothing went wrong.
    """
    if watch is None:
        return Unwatched(source, Why.PAUSED if off is not None else Why.BEFORE, off or "")
    every = (*over, _present(watch, now, off))
    first = next((at for at, span in enumerate(every) if span.until > since), None)
    if first is None:
        return Unwatched(source, every[-1].why, every[-1].words)
    why, words = (every[first - 1].why, every[first - 1].words) if first else (Why.BEFORE, "")
    found = [Gap(source, since, every[first].began, why, words)]
    begins = (*(span.began for span in every[first + 1 :]), now)
    for span, next_ in zip(every[first:], begins, strict=True):
        found.append(Gap(source, span.until, next_, span.why, span.words))
    return tuple(gap for gap in found if gap.until > gap.since)


def _present(watch: Watch, now: datetime, off: str | None) -> Span:
    """The present watch as a span: up to now while it holds, else up to the last proof."""
    if off is not None:
        return Span(watch.began, watch.until, Why.PAUSED, off)
    if watch.why is None and now <= watch.due_by:
        return Span(watch.began, max(watch.until, now), Why.LATE)
    return Span(watch.began, watch.until, watch.why or Why.LATE, watch.words)

"""Pure. When a source counts as watched: from proof to proof, and never across a time that nothing vouches for.

A proof is a poll that read the document, or confirmed that it is the one read before. The time between two proofs
was watched if the second came as early as the rhythm of the source wants it, and if the document still showed
where the first one ended: else entries may have come and gone unseen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from shared.moments import not_after

LEAST_GRACE: Final = timedelta(minutes=2)  # a restart, a queue: that a poll may be late
GRACE: Final = 0.5  # of the time to the next poll
MOST_MARKS: Final = 60  # entries of a document that are remembered, from both of its ends


class Why(StrEnum):
    """Why a time was not watched."""

    BEFORE = "before"  # before the first proof
    FAILING = "failing"  # the polls brought no document
    EMPTY = "empty"  # the document had no entries
    FULL = "full"  # more entries came than the document holds
    LIED = "lied"  # the server called a changed document unchanged
    PAUSED = "paused"
    LATE = "late"  # nobody polled: no collector ran, or it could not keep up
    RESTORED = "restored"  # a backup was put back
    CLOCK = "clock"  # a clock was put back, so that these times happened twice
    REFUSED = "refused"  # a mail of a newsletter was not taken, and will not be looked at again
    WAITING = "waiting"  # items wait for a stage that does not get on
    DEAD = "dead"  # an item of the source waits as a dead letter


Break = tuple[Why, str]  # why a poll proved nothing, and what it said


@dataclass(frozen=True, slots=True)
class Mark:
    """An entry of a document: its item, and the publisher's date."""

    item: str
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """What a poll proves. `asked` is when it began, `next_due` when the next one is due.

    `marks` are the entries of a document that was read, in its order; None where it is the one read before.
    `lied_since` is when the last whole document came, where the server has just been found to lie.
    """

    asked: datetime
    next_due: datetime
    address: str
    marks: tuple[Mark, ...] | None = None
    lied_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """The present watch over a source: it holds from `began` to `until`, and the next proof is due at `due`.

    `why` and `words` say what has gone wrong since `until`. `seen` are the items that the last document began and
    ended with.
    """

    began: datetime
    until: datetime
    due: datetime
    address: str
    seen: tuple[str, ...] = ()
    why: Why | None = None
    words: str = ""

    @property
    def due_by(self) -> datetime:
        """After this the next proof does not reach back to the last one. Only who was merely late has grace."""
        if self.why is not None:
            return self.due
        return self.due + max(LEAST_GRACE, (self.due - self.until) * GRACE)


@dataclass(frozen=True, slots=True)
class Span:
    """A time that was watched, and why it ended."""

    began: datetime
    until: datetime
    why: Why
    words: str = ""


def proven(watch: Watch | None, proof: Proof) -> tuple[Watch, Span | None]:
    """The watch as the proof leaves it, and the span that is over where it does not reach back to the last one."""
    if watch is None:
        return _begun(proof, ()), None
    known = watch if watch.address == proof.address else replace(watch, seen=())
    why = _gap(known, proof)
    if why is None:
        began = not_after(watch.began, proof.asked)
        return replace(_begun(proof, known.seen), began=began), None
    ended = watch.until if why is not Why.LIED or proof.lied_since is None else min(watch.until, proof.lied_since)
    words = watch.words if watch.why is why else ""
    span = Span(watch.began, max(watch.began, not_after(ended, proof.asked)), why, words)
    return _begun(proof, known.seen), span


def broken(watch: Watch, why: Why, words: str = "") -> Watch:
    """The watch after a poll that proved nothing. What went wrong first is what is said, but for what was lost."""
    if why is Why.REFUSED:
        return broken_for_good(watch, why, words)
    return watch if watch.why is not None else replace(watch, why=why, words=words)


def broken_for_good(watch: Watch, why: Why, words: str = "") -> Watch:
    """The watch after which no proof counts as on time."""
    return replace(watch, why=why, words=words, due=watch.until)


def lost(seen: Sequence[str], marks: Sequence[Mark]) -> bool:
    """Whether entries may have come and gone between two documents: none of the earlier is where it would be.

    `seen` are the earlier one's items. Entries that stay on top whatever comes after them vouch for nothing.
    """
    earlier = set(seen)
    known = [mark.item in earlier for mark in _newest_first(marks)]
    if False not in known:
        return False
    top = known.index(False)
    if True in known[top:]:
        return False
    return not _in_order(_newest_first(marks), top)


def _in_order(marks: Sequence[Mark], top: int) -> bool:
    """Whether new entries below known ones belong there: they are older, or few where nothing is dated."""
    if not top:
        return False
    above, below = marks[:top], marks[top:]
    last = [mark.published for mark in above if mark.published]
    dated = [mark.published for mark in below if mark.published]
    if last and dated:
        return max(dated) <= min(last)
    return top > len(marks) / 2


def _newest_first(marks: Sequence[Mark]) -> Sequence[Mark]:
    dates = [mark.published for mark in marks if mark.published]
    falls = sum(later < earlier for earlier, later in pairwise(dates))
    rises = sum(later > earlier for earlier, later in pairwise(dates))
    return marks[::-1] if rises > falls else marks


def _gap(watch: Watch, proof: Proof) -> Why | None:
    if proof.asked > watch.due_by:
        return watch.why or Why.LATE
    if proof.lied_since is not None and proof.asked - proof.lied_since > watch.due_by - watch.until:
        return Why.LIED
    if proof.marks is not None and watch.seen and lost(watch.seen, proof.marks):
        return Why.FULL
    return None


def _begun(proof: Proof, seen: tuple[str, ...]) -> Watch:
    if proof.marks is not None:
        items = tuple(mark.item for mark in proof.marks)
        half = MOST_MARKS // 2
        seen = items if len(items) <= MOST_MARKS else items[:half] + items[-half:]
    due = max(proof.next_due, proof.asked)
    return Watch(proof.asked, proof.asked, due, proof.address, seen)

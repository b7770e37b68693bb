"""Pure. The operators' daily letter about sources: who is sick, the worst first, and what could be done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.clock import rfc3339
from shared.sources.proposed import Proposal, said_of
from shared.sources.states import WORST_FIRST, State

MOST: Final = 60  # sources that one letter tells of
SAMPLES: Final = 3  # entries of a block, old and new
WELL: Final = frozenset((State.OK, State.NEW, State.PAUSED))
NO_READER: Final = frozenset((State.BLOCKED, State.FORBIDDEN, State.GONE))


@dataclass(frozen=True, slots=True)
class Patient:
    """A source as the letter tells of it. `held` is how many entries the flood guard keeps back.

    `refused` counts the mails of a newsletter that were not taken of late, `refusal` says why the last was not.
    """

    id: str
    name: str
    state: str
    named: bool = False
    error: str = ""
    last_success: datetime | None = None
    last_new_item: datetime | None = None
    gap: float | None = None
    searched: datetime | None = None
    proposal: Proposal | None = None
    held: int = 0
    waits: bool = False
    mailbox: bool = False
    refused: int = 0
    refusal: str = ""

    @property
    def sick(self) -> bool:
        """Somebody ought to look: it is not well, or something waits: a proposal, entries, mails."""
        return self.state not in WELL or self.waits or self.held > 0 or self.refused > 0


@dataclass(frozen=True, slots=True)
class Note:
    """A letter in plain text."""

    subject: str
    body: str


def letter(patients: Sequence[Patient], before: Mapping[str, str]) -> Note | None:
    """The letter; None where nobody is sick and nobody became well. `before` are the states told last."""
    sick = sorted((one for one in patients if one.sick), key=_worst_first)
    well = sorted(one.id for one in patients if not one.sick and before.get(one.id, State.OK) not in WELL)
    if not sick and not well:
        return None
    return Note(_subject(len(sick), len(well)), "\n".join(_lines(sick, well, before, len(patients))))


def _subject(sick: int, well: int) -> str:
    told = [f"{sick} {'source needs' if sick == 1 else 'sources need'} a look"] if sick else []
    told += [f"{well} {'is' if well == 1 else 'are'} well again"] if well else []
    return f"Vigie: {', '.join(told)}"


def _lines(sick: Sequence[Patient], well: Sequence[str], before: Mapping[str, str], every: int) -> Iterator[str]:
    if sick:
        yield f"{len(sick)} of {every} sources need a look, the worst first. New since the last mail: *"
    for number, one in enumerate(sick[:MOST], 1):
        star = "" if before.get(one.id) == one.state else " *"
        yield ""
        yield f"{number}. {one.name} ({one.id}): {one.state}{star}"
        yield from (f"   {line}" for line in _about(one))
    if len(sick) > MOST:
        yield f"\n… and {len(sick) - MOST} more."
    if well:
        yield f"\nWell again: {', '.join(well)}"
    yield "\n`vigie sources list` shows all, `vigie sources show ID` everything about one."


def _about(one: Patient) -> Iterator[str]:
    if one.error:
        yield one.error[:300]
    read, new = rfc3339(one.last_success) or "never", rfc3339(one.last_new_item) or "never"
    yield f"Last read {read}, last new item {new}."
    if one.state == State.STALE and one.gap:
        yield f"It usually publishes every {one.gap / 86_400:.1f} days."
    if one.held:
        yield f"The flood guard keeps {one.held} entries back: `vigie sources release {one.id}` sends them."
    if one.refused:
        yield f"{one.refused} of its mails were not taken: {one.refusal}."
    if one.proposal is not None:
        yield from _blocks(one.proposal)
        yield said_of(one.id, one.proposal)
    elif one.state in NO_READER and not one.mailbox:
        yield 'If it offers a newsletter, a mailbox can read that: kind = "mailbox"; else ask it for a feed.'
    if one.proposal is None and one.searched is not None:
        yield f"A new address was looked for on {one.searched:%Y-%m-%d}: nothing was found."


def _blocks(proposal: Proposal) -> Iterator[str]:
    """What the page was accepted with beside what it shows now."""
    for name, block in (("was", proposal.accepted), ("is", proposal.block)):
        for _, title in block.samples[:SAMPLES] if block and proposal.block else ():
            yield f"  {name:4}{title[:80]}"


def _worst_first(one: Patient) -> tuple[int, bool, str]:
    return WORST_FIRST.index(State(one.state)), not one.named, one.id

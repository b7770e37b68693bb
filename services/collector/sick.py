"""Pure. The operators' daily letter about sources: who is sick, the worst first, and what could be done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.clock import rfc3339
from shared.locales import Texts
from shared.sources.proposed import Proposal
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


def letter(patients: Sequence[Patient], before: Mapping[str, str], texts: Texts) -> Note | None:
    """The letter; None where nobody is sick and nobody became well. `before` are the states told last.

    What servers and parsers said stays in their words.
    """
    sick = sorted((one for one in patients if one.sick), key=_worst_first)
    well = sorted(one.id for one in patients if not one.sick and before.get(one.id, State.OK) not in WELL)
    if not sick and not well:
        return None
    lines = _lines(sick, well, before, len(patients), texts)
    return Note(_subject(len(sick), len(well), texts), "\n".join(lines))


def _subject(sick: int, well: int, texts: Texts) -> str:
    counts = (("subject_sick", sick), ("subject_well", well))
    told = [texts(f"{key}_one" if count == 1 else key, count=count) for key, count in counts if count]
    return f"Vigie{texts.colon}{', '.join(told)}"


def _lines(
    sick: Sequence[Patient], well: Sequence[str], before: Mapping[str, str], every: int, texts: Texts
) -> Iterator[str]:
    if sick:
        yield texts("head", count=len(sick), every=every)
    for number, one in enumerate(sick[:MOST], 1):
        star = "" if before.get(one.id) == one.state else " *"
        yield ""
        yield f"{number}. {one.name} ({one.id}): {texts(f'state_{one.state}')}{star}"
        yield from (f"   {line}" for line in _about(one, texts))
    if len(sick) > MOST:
        yield f"\n{texts('more', count=len(sick) - MOST)}"
    if well:
        yield f"\n{texts('well', names=', '.join(well))}"
    yield f"\n{texts('hint')}"


def _about(one: Patient, texts: Texts) -> Iterator[str]:
    if one.error:
        yield one.error[:300]
    read, new = (rfc3339(at) or texts("never") for at in (one.last_success, one.last_new_item))
    yield texts("read", read=read, new=new)
    if one.state == State.STALE and one.gap:
        yield texts("rhythm", days=f"{one.gap / 86_400:.1f}")
    if one.held:
        yield texts("held", count=one.held, id=one.id)
    if one.refused:
        yield texts("refused", count=one.refused, why=one.refusal)
    if one.proposal is not None:
        yield from _blocks(one.proposal, texts)
        yield _taking(one.id, one.proposal, texts)
    elif one.state in NO_READER and not one.mailbox:
        yield texts("newsletter")
    if one.proposal is None and one.searched is not None:
        yield texts("searched", day=f"{one.searched:%Y-%m-%d}")


def _blocks(proposal: Proposal, texts: Texts) -> Iterator[str]:
    """What the page was accepted with beside what it shows now."""
    names = {texts("was"): proposal.accepted, texts("is"): proposal.block}
    width = max(map(len, names)) + 1
    for name, block in names.items():
        for _, title in block.samples[:SAMPLES] if block and proposal.block else ():
            yield f"  {name:{width}}{title[:80]}"


def _taking(id_: str, proposal: Proposal, texts: Texts) -> str:
    """What stands, with the command that takes it."""
    if proposal.block is not None:
        return texts("take_block", id=id_, count=proposal.block.count)
    if proposal.found is None:
        return texts("take_moved", id=id_, url=proposal.moved_to)
    found = proposal.found
    values = {"id": id_, "url": found.route.url, "count": found.entries}
    if found.newest is None:
        return texts("take_found", **values)
    return texts("take_found_of", **values, day=f"{found.newest:%Y-%m-%d}")


def _worst_first(one: Patient) -> tuple[int, bool, str]:
    return WORST_FIRST.index(State(one.state)), not one.named, one.id

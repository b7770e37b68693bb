"""Pure. The operators' daily letter about sources: who is sick, the worst first, and what could be done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from shared.dates import days, long_date, long_moment
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


def letter(
    patients: Sequence[Patient],
    before: Mapping[str, str],
    texts: Texts,
    zone: tzinfo,
    together: Sequence[str] = (),
) -> Note | None:
    """The letter; None where nobody is sick and nobody became well. `before` are the states told last.

    `together` are sentences about many sources at once, which stand first.
    Times are in `zone`. What servers and parsers said stays in their words.
    """
    sick = sorted((one for one in patients if one.sick), key=_worst_first)
    well = sorted(one.id for one in patients if not one.sick and before.get(one.id, State.OK) not in WELL)
    if not sick and not well and not together:
        return None
    first = (*(f"{said}." for said in together), texts("together"), "") if together else ()
    lines = _lines(sick, well, before, len(patients), _Words(texts, zone))
    subject = _subject(len(sick), len(well), texts, together=bool(together))
    return Note(subject, "\n".join((*first, *lines)))


def _subject(sick: int, well: int, texts: Texts, *, together: bool) -> str:
    counts = (("subject_sick", sick), ("subject_well", well))
    told = [texts("subject_together")] if together else []
    told += [texts(f"{key}_one" if count == 1 else key, count=count) for key, count in counts if count]
    return f"Vigie{texts.colon}{', '.join(told)}"


def _lines(
    sick: Sequence[Patient], well: Sequence[str], before: Mapping[str, str], every: int, words: "_Words"
) -> Iterator[str]:
    texts = words.texts
    if sick:
        yield texts("head", count=len(sick), every=every)
    for number, one in enumerate(sick[:MOST], 1):
        star = "" if before.get(one.id) == one.state else " *"
        yield ""
        yield f"{number}. {one.name} ({one.id}): {texts(f'state_{one.state}')}{star}"
        yield from (f"   {line}" for line in _about(one, words))
    if len(sick) > MOST:
        yield f"\n{texts('more', count=len(sick) - MOST)}"
    if well:
        yield f"\n{texts('well', names=', '.join(well))}"
    yield f"\n{texts('hint')}"


@dataclass(frozen=True, slots=True)
class _Words:
    """Texts, and how moments stand in them."""

    texts: Texts
    zone: tzinfo

    def moment(self, at: datetime | None) -> str:
        return long_moment(at, self.zone, self.texts.language) if at else self.texts("never")

    def day(self, at: datetime) -> str:
        return long_date(at.astimezone(self.zone).date(), self.texts.language)


def _about(one: Patient, words: _Words) -> Iterator[str]:
    texts = words.texts
    if one.error and not (one.proposal and one.proposal.block):  # the state and the entries below say it then
        yield one.error[:300]
    yield texts("read", read=words.moment(one.last_success), new=words.moment(one.last_new_item))
    if one.state == State.STALE and one.gap:
        yield texts("rhythm", days=days(one.gap, texts.language))
    if one.held:
        yield texts("held", count=one.held, id=one.id)
    if one.refused:
        yield texts("refused", count=one.refused, why=one.refusal)
    if one.proposal is not None:
        yield from _blocks(one.proposal, texts)
        yield _taking(one.id, one.proposal, words)
    elif one.state in NO_READER and not one.mailbox:
        yield texts("newsletter")
    if one.proposal is None and one.searched is not None:
        yield texts("searched", day=words.day(one.searched))


def _blocks(proposal: Proposal, texts: Texts) -> Iterator[str]:
    """What the page was accepted with beside what it shows now."""
    names = {texts("was"): proposal.accepted, texts("is"): proposal.block}
    width = max(map(len, names)) + 1
    for name, block in names.items():
        for _, title in block.samples[:SAMPLES] if block and proposal.block else ():
            yield f"  {name:{width}}{title[:80]}"


def _taking(id_: str, proposal: Proposal, words: _Words) -> str:
    """What stands, with the command that takes it."""
    texts = words.texts
    if proposal.block is not None:
        return texts("take_block", id=id_, count=proposal.block.count)
    if proposal.found is None:
        return texts("take_moved", id=id_, url=proposal.moved_to)
    found = proposal.found
    values = {"id": id_, "url": found.route.url, "count": found.entries}
    if found.newest is None:
        return texts("take_found", **values)
    return texts("take_found_of", **values, day=words.day(found.newest))


def _worst_first(one: Patient) -> tuple[int, bool, str]:
    return WORST_FIRST.index(State(one.state)), not one.named, one.id

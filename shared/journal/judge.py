"""Pure. Whether a store is the one that its journal knows, or an older state of it: the rules, case by case."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from shared.journal.lines import Content
from shared.telemetry.told import Told, told

NOTHING: Final = told("nothing")


class Verdict(StrEnum):
    """What the journal says of the store."""

    NEW = "new"  # neither has sent anything: they begin together
    SAME = "same"
    COVERED = "covered"  # it was restored, and what follows from that is done already
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Lineage:
    """What the store says of itself. `sent`: it knows that mail left; `mails`: of how many it knows the end."""

    store: str
    generation: int
    sent: bool
    mails: int = 0
    restored_at: datetime | None = None
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """`reason` says for operators why the store counts as restored. `ours`: the journal is this installation's."""

    verdict: Verdict
    ours: bool
    reason: Told = NOTHING


def judge(
    found: Content | None,
    lineage: Lineage,
    now: datetime,
    path: Path,
    *,
    damage: str | None = None,
    boot: str = "",
) -> Judgement:
    """Compare a journal, or its absence, with the store. `now` is database time, `boot` the machine's run."""
    if found is None or found.head.store != lineage.store:
        return _without(found, lineage, path, damage)
    if not _ahead(found, lineage, boot):
        return Judgement(Verdict.SAME, ours=True)
    if lineage.marked or _covered(found, lineage, now):
        return Judgement(Verdict.COVERED, ours=True)
    at = found.mark.at.isoformat(timespec="seconds")
    return Judgement(Verdict.RESTORED, ours=True, reason=told("restored.newer", path=str(path), at=at))


def _without(found: Content | None, lineage: Lineage, path: Path, damage: str | None) -> Judgement:
    if lineage.marked:
        return Judgement(Verdict.COVERED, ours=False)
    if not lineage.sent:
        return Judgement(Verdict.NEW, ours=False)
    missing = "missing" if lineage.generation else "first"
    why = "foreign" if found is not None else "damaged" if damage else missing
    reason = told(f"restored.{why}", path=str(path), damage=damage or "")
    return Judgement(Verdict.RESTORED, ours=False, reason=reason)


def _ahead(found: Content, lineage: Lineage, boot: str) -> bool:
    """Whether the journal knows of mails that the store does not."""
    counted = bool(boot) and found.mark.boot == boot and found.mark.mails > lineage.mails
    return counted or found.mark.generation > lineage.generation


def _covered(found: Content, lineage: Lineage, now: datetime) -> bool:
    """Whether all that the journal knows was sent before the restore that the store knows of.

    A moment of restore that lies ahead comes from a clock that was wrong, and says nothing.
    """
    restored_at = lineage.restored_at
    return restored_at is not None and found.mark.at <= restored_at <= now

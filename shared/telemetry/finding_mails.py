"""Pure. Findings about mails: what is late, what failed, what a person must decide."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from shared.telemetry.facts import Facts, Failed, Overdue, Paused
from shared.telemetry.finding import Finding, counted, finding

A_DAY: Final = timedelta(hours=25)  # in which every limit of a day is over once
AT_ITS_LIMIT: Final = "relay.limit"  # the notice under which mails may be late


def of_mails(facts: Facts) -> Iterator[Finding]:
    """What there is to say of the send ledger."""
    if facts.unsent and not _at_its_limit(facts):
        yield finding("mails.overdue", "", _late(facts.unsent, "are due and have not left"), _first(facts.unsent))
    if facts.unmade:
        reason = _late(facts.unmade, "were found for people and have no mail yet")
        yield finding("mails.unmade", "", reason, _first(facts.unmade))
    yield from map(_of_failed, facts.failed)
    if facts.paused:
        yield _of_paused(facts.paused)
    if held := facts.deliveries.get("held", 0):
        yield finding("deliveries.held", "", f"{counted(held, 'mail')} held until a person decides")


def _at_its_limit(facts: Facts) -> bool:
    """A relay that has taken nothing for longer than its day is not at a limit, whatever it calls that."""
    began = [notice.since for notice in facts.notices if notice.key == AT_ITS_LIMIT]
    lately = [*began, *([facts.last_sent] if facts.last_sent else [])]
    return bool(began) and facts.now - max(lately) < A_DAY


def _of_failed(failed: Failed) -> Finding:
    if failed.mailbox:
        boxes = counted(failed.people, "mailbox", "mailboxes")
        return finding("mailbox.dead", "", f"{boxes} took no mail within a week; the last answer: {failed.said}")
    mails = counted(failed.number, "mail")
    return finding("mails.failed", "", f"{mails} failed, and not because of a mailbox; the last: {failed.said}")


def _of_paused(paused: Paused) -> Finding:
    hooks = counted(paused.number, "webhook was", "webhooks were")
    reason = f"{hooks} paused, and what is found waits there for 30 days at most; the last try: {paused.said}"
    return finding("webhooks.paused", "", reason, paused.since)


def _late(overdue: Sequence[Overdue], what: str) -> str:
    return f"{', '.join(f'{late.number:,} {late.kind}' for late in overdue)} {what}"


def _first(overdue: Sequence[Overdue]) -> datetime:
    return min(late.since for late in overdue)

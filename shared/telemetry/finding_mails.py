"""Pure. Findings about mails: what is late, what failed, what a person must decide."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from shared.telemetry.facts import Facts, Failed, Overdue, Paused
from shared.telemetry.finding import Finding, finding
from shared.telemetry.told import Told, told

A_DAY: Final = timedelta(hours=25)  # in which every limit of a day is over once
AT_ITS_LIMIT: Final = "relay.limit"  # the notice under which mails may be late


def of_mails(facts: Facts) -> Iterator[Finding]:
    """What there is to say of the send ledger."""
    if facts.unsent and not _at_its_limit(facts):
        yield finding("mails.overdue", "", told("mails.overdue", late=_late(facts.unsent)), _first(facts.unsent))
    if facts.unmade:
        yield finding("mails.unmade", "", told("mails.unmade", late=_late(facts.unmade)), _first(facts.unmade))
    yield from map(_of_failed, facts.failed)
    if facts.paused:
        yield _of_paused(facts.paused)
    if held := facts.deliveries.get("held", 0):
        yield finding("deliveries.held", "", told("deliveries.held", n=held))


def _at_its_limit(facts: Facts) -> bool:
    """A relay that has taken nothing for longer than its day is not at a limit, whatever it calls that."""
    began = [notice.since for notice in facts.notices if notice.key == AT_ITS_LIMIT]
    lately = [*began, *([facts.last_sent] if facts.last_sent else [])]
    return bool(began) and facts.now - max(lately) < A_DAY


def _of_failed(failed: Failed) -> Finding:
    if failed.mailbox:
        return finding("mailbox.dead", "", told("mailbox.dead", n=failed.people, said=failed.said))
    return finding("mails.failed", "", told("mails.failed", n=failed.number, said=failed.said))


def _of_paused(paused: Paused) -> Finding:
    return finding("webhooks.paused", "", told("webhooks.paused", n=paused.number, said=paused.said), paused.since)


def _late(overdue: Sequence[Overdue]) -> tuple[Told, ...]:
    return tuple(told("late", n=late.number, kind=told(f"kind_{late.kind}")) for late in overdue)


def _first(overdue: Sequence[Overdue]) -> datetime:
    return min(late.since for late in overdue)

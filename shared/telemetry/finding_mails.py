"""Pure. Findings about mails: what is late, what failed, what a person must decide."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from shared.telemetry.facts import Deferred, Facts, Failed, Notice, Overdue, Paused
from shared.telemetry.finding import Finding, finding
from shared.telemetry.told import Told, told

A_DAY: Final = timedelta(hours=25)  # in which every limit of a day is over once
AN_HOUR: Final = timedelta(hours=1)  # in which a limit that the relay does not call one lets something through
AT_ITS_LIMIT: Final = "relay.limit"  # the notice under which mails may be late
UNNAMED: Final = "relay.later"  # what it tells where the relay's words name no limit
BROKEN: Final = "relay.breaks"  # and where it said nothing: that is no limit


def of_mails(facts: Facts) -> Iterator[Finding]:
    """What there is to say of the send ledger."""
    if facts.unsent and not _at_its_limit(facts):
        yield finding("mails.overdue", "", told("mails.overdue", late=_late(facts.unsent)), _first(facts.unsent))
    if facts.unmade:
        yield finding("mails.unmade", "", told("mails.unmade", late=_late(facts.unmade)), _first(facts.unmade))
    if facts.deferred:
        yield _of_deferred(facts.deferred)
    yield from (_of_failed(failed, facts.last_sent) for failed in facts.failed)
    if facts.paused:
        yield _of_paused(facts.paused)
    if held := facts.deliveries.get("held", 0):
        yield finding("deliveries.held", "", told("deliveries.held", n=held))


def _at_its_limit(facts: Facts) -> bool:
    """A relay that has taken nothing for longer than its day is not at a limit, whatever it calls that."""
    return any(_may_wait(notice, facts) for notice in facts.notices if notice.key == AT_ITS_LIMIT)


def _may_wait(limit: Notice, facts: Facts) -> bool:
    said = limit.told.key if limit.told else ""
    lately = max(limit.since, facts.last_sent or limit.since)
    return said != BROKEN and facts.now - lately < (AN_HOUR if said == UNNAMED else A_DAY)


def _of_deferred(deferred: Deferred) -> Finding:
    said = told("mailbox.waits", n=deferred.people, said=deferred.said)
    return finding("mailbox.waits", "", said, deferred.since)


def _of_failed(failed: Failed, last_sent: datetime | None) -> Finding:
    if failed.mailbox and failed.people > 1 and failed.since and (last_sent is None or last_sent < failed.since):
        return finding("mails.failed", "", told("mails.refused", n=failed.people, said=failed.said))
    if failed.mailbox:
        return finding("mailbox.dead", "", told("mailbox.dead", n=failed.people, said=failed.said))
    return finding("mails.failed", "", told("mails.failed", n=failed.number, said=failed.said))


def _of_paused(paused: Paused) -> Finding:
    return finding("webhooks.paused", "", told("webhooks.paused", n=paused.number, said=paused.said), paused.since)


def _late(overdue: Sequence[Overdue]) -> tuple[Told, ...]:
    return tuple(told("late", n=late.number, kind=told(f"kind_{late.kind}")) for late in overdue)


def _first(overdue: Sequence[Overdue]) -> datetime:
    return min(late.since for late in overdue)

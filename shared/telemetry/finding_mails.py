"""Pure. Findings about mails: what is late, what failed, what a person must decide."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from shared.telemetry.facts import Facts, Failed, Overdue
from shared.telemetry.finding import Finding, counted, finding

AT_ITS_LIMIT: Final = "relay.limit"  # the notice under which mails may be late


def of_mails(facts: Facts) -> Iterator[Finding]:
    """What there is to say of the send ledger."""
    limited = any(notice.key.partition(":")[0] == AT_ITS_LIMIT for notice in facts.notices)
    if facts.unsent and not limited:
        remedy = "`vigie deliveries list --state pending` says why each waits; `vigie doctor` asks the relay."
        yield finding(
            "mails.overdue", "", _late(facts.unsent, "are due and have not left"), remedy, _first(facts.unsent)
        )
    if facts.unmade:
        reason = _late(facts.unmade, "were found for people and have no mail yet")
        remedy = "Restart the notifier: `vigie run --alone notifier`, and read its log."
        yield finding("mails.unmade", "", reason, remedy, _first(facts.unmade))
    yield from map(_of_failed, facts.failed)
    if held := facts.deliveries.get("held", 0):
        remedy = (
            "`vigie deliveries list --state held` says why; then `vigie deliveries release ID` or `discard ID`."
        )
        yield finding("deliveries.held", "", f"{counted(held, 'mail')} held until a person decides", remedy)


def _of_failed(failed: Failed) -> Finding:
    if failed.mailbox:
        reason = (
            f"{counted(failed.people, 'mailbox', 'mailboxes')} took no mail within a week; the last: {failed.said}"
        )
        remedy = "Nothing, or `vigie deliveries list --state failed`, then `vigie deliveries discard ID`."
        return finding("mailbox.dead", "", reason, remedy)
    said = f"{counted(failed.number, 'mail')} failed, and not because of a mailbox; the last: {failed.said}"
    remedy = (
        "`vigie doctor` asks the relay; then `vigie deliveries release --all`, or `vigie deliveries discard ID`."
    )
    return finding("mails.failed", "", said, remedy)


def _late(overdue: Sequence[Overdue], what: str) -> str:
    return f"{', '.join(f'{late.number:,} {late.kind}' for late in overdue)} {what}"


def _first(overdue: Sequence[Overdue]) -> datetime:
    return min(late.since for late in overdue)

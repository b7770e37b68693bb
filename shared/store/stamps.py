"""Every moment that the tables keep, and what becomes of it when the clock that gave it is put back.

A table's new moment gets its line here; a test holds that none is missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Column, Table, select, update
from sqlmodel import Session

from shared.moments import SLACK, due
from shared.store.tables import whole_metadata


@dataclass(frozen=True, slots=True)
class Over:
    """What is over: it is now, where it lies in the future, or a little before: what has come since is later."""

    before: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Due:
    """What is to come: earlier by as much as the clock went back; at once, where further off than `most`."""

    most: timedelta


@dataclass(frozen=True, slots=True)
class Anew:
    """When somebody looks again: at once. Whoever looks puts it off again as it should be."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Stays as it is, and why."""

    why: str


PUBLISHERS: Final = Kept("the publisher's word, or a place in time that follows from it")
RECORD: Final = Kept("an append-only record: nothing changes a line")
NAMES_AN_EVENT: Final = Kept("tells an event that comes again from a new one; `shared.archive.shelf` judges it")
WATCHED: Final = Kept("what was watched is judged as a whole: `shared.watched.put_right`")
BOUNDED: Final = Kept("whoever claims takes no longer for true than a claim may last")

MOMENTS: Final[Mapping[str, Over | Due | Anew | Kept]] = {
    "address_changes.requested_at": Over(),
    "bounces.at": Over(),
    "catching_up.until": Over(),
    "consents.at": RECORD,
    "corrections.corrected_at": Over(),
    "deaths.at": Over(),
    "deliveries.claimed_until": BOUNDED,
    "deliveries.created_at": Over(),
    "deliveries.due_at": Due(timedelta(days=1)),
    "deliveries.sent_at": Over(),
    "digest_runs.at": Kept("runs of days to come are forgotten: `shared.subscriptions.put_right`"),
    "evaluated_items.at": Over(),
    "heartbeats.alive_at": Over(),
    "groups.ended_at": Over(),
    "groups.made_at": Over(),
    "held_entries.held_at": Kept("the collector looks at what it held in the future, and then sets it"),
    "held_entries.released_at": Over(),
    "followed_feeds.asked_at": Over(),
    "followed_feeds.looked": Over(),
    "followed_feeds.told_at": Over(),
    "hubs.asked_at": Over(),
    "hubs.lease_until": Due(timedelta(days=90)),
    "hubs.pushed_at": Over(),
    "item_spikes.seen_at": Over(),
    "items.classified_at": Over(),
    "items.fetched_at": NAMES_AN_EVENT,
    "items.first_seen": Over(),
    "items.published": PUBLISHERS,
    "items.released_at": Over(),
    "items.revised_at": Over(),
    "items.sort_at": Kept("of undated items it follows `first_seen`: `shared.archive.put_right`"),
    "items.updated": PUBLISHERS,
    "journals.vouched_at": Over(),
    "lineage.restored_at": Over(),
    "look_backs.began_at": Over(),
    "look_backs.oldest": PUBLISHERS,
    "look_backs.since": PUBLISHERS,
    "look_backs.went_on_at": Over(),
    "mail_queue.began": Over(),
    "mail_queue.limited": Over(),
    "mail_queue.not_before": Due(timedelta(days=1)),
    "mail_queue.since": Over(),
    "matches.due_at": Anew(),
    "matches.matched_at": Over(),
    "matches.waits_since": Over(),
    "memos.at": Over(),
    "notices.since": Over(),
    "passed_pages.at": Over(),
    "people.created_at": Over(),
    "progress.looked_at": Over(),
    "progress.moved_at": Over(),
    "removed_items.removed_at": Over(),
    "revisions.fetched_at": NAMES_AN_EVENT,
    "revisions.seen_at": Over(),
    "secret_feeds.ended_at": Over(),
    "secret_feeds.made_at": Over(),
    "seen_entries.first_at": Over(),
    "seen_entries.published": PUBLISHERS,
    "sightings.first_at": Over(),
    "sources.claimed_until": BOUNDED,
    "sources.complete_since": PUBLISHERS,
    "sources.first_success": Over(),
    "sources.last_body": Over(),
    "sources.last_fetch": Over(),
    "sources.last_new_item": Over(),
    "sources.last_success": Over(),
    "sources.newest_published": PUBLISHERS,
    "sources.searched": Over(),
    "sources.next_due": Due(timedelta(days=8)),
    "sources.verified": Over(),
    "story_aliases.merged_at": Over(),
    "story_events.at": Over(),
    "story_words.said_at": Over(),
    "story_keys.sort_at": Kept("of undated items it follows `first_seen`: `shared.archive.put_right`"),
    "subscriptions.confirmed_at": Over(before=SLACK),
    "subscriptions.ended_at": Over(),
    "subscriptions.requested_at": Over(),
    "subscriptions.introduce_at": Over(),
    "subscriptions.paused_until": Kept("the day that the person chose"),
    "subscriptions.told_empty_at": Over(),
    "suspensions.at": Over(),
    "suspensions.since": Over(),
    "suspensions.undone_at": Over(),
    "used_links.at": Over(),
    "verdicts.classified_at": Over(),
    "watched_gaps.began": WATCHED,
    "watched_gaps.until": WATCHED,
    "watched_spans.began": WATCHED,
    "watched_spans.until": WATCHED,
    "watches.began": WATCHED,
    "watches.due": WATCHED,
    "watches.until": WATCHED,
    "webhook_posts.claimed_until": BOUNDED,
    "webhook_posts.created_at": Over(),
    "webhook_posts.due_at": Due(timedelta(days=1)),
    "webhook_posts.sent_at": Over(),
    "webhooks.ended_at": Over(),
    "webhooks.failing_since": Over(),
    "webhooks.made_at": Over(),
    "webhooks.not_before": Due(timedelta(days=1)),
    "webhooks.paused_at": Over(),
    "webhooks.tried_at": Over(),
}


def put_right(session: Session, now: datetime, by: timedelta) -> int:
    """Put right what a clock wrote that was ahead and went back `by` so much. How many moments it changed."""
    tables = whole_metadata().tables
    changed = 0
    for name, means in MOMENTS.items():
        table_name, _, column_name = name.partition(".")
        table = tables[table_name]
        changed += _put_right(session, table, table.c[column_name], means, now, by)
    return changed


def _put_right(
    session: Session, table: Table, column: Column[datetime], means: object, now: datetime, by: timedelta
) -> int:
    match means:
        case Over(before=before):
            return _set(session, table, column, now + SLACK, now - before)
        case Anew():
            return _set(session, table, column, now, now)
        case Due(most=most):
            return _sooner(session, table, column, now, most, by)
    return 0


def _set(session: Session, table: Table, column: Column[datetime], later_than: datetime, to: datetime) -> int:
    moved = update(table).where(column > later_than).values({column: to})
    return session.execute(moved).rowcount or 0  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult


def _sooner(
    session: Session, table: Table, column: Column[datetime], now: datetime, most: timedelta, by: timedelta
) -> int:
    """One by one: the databases reckon with times in ways of their own."""
    (key,) = table.primary_key.columns
    waiting = session.execute(select(key, column).where(column > now)).all()
    for id_, moment in waiting:
        session.execute(update(table).where(key == id_).values({column: due(moment, now, most, by)}))
    return len(waiting)

"""Whom an item reaches, how soon, and why: decided without a store."""

from datetime import timedelta
from typing import Any

from services.notifier.match import TOO_OLD, Known, passed_over, reached, too_late
from shared.items import ArchivedItem, Reason, Spike
from shared.query.match import document_of
from shared.query.syntax import parse
from shared.subscriptions.reasons import reasons
from shared.subscriptions.words import Every, Why
from tests.archived import NOON, a_verdict


def an_item(**fields: Any) -> ArchivedItem:
    values = {
        "item_id": "one",
        "revision": 1,
        "story": "one",
        "sources": ("dfki",),
        "url": "https://example.org/one",
        "title": "Neues Stromnetz",
        "summary": "",
        "text": "Das Netz wächst.",
        "published": NOON,
        "first_seen": NOON,
        "verdict": a_verdict(),
        **fields,
    }
    return ArchivedItem(**values)


def known(id_: str, person: str, every: Every = Every.DAILY, *, since: float = -1, query: str = "Netz") -> Known:
    return Known(id_, person, every, NOON + timedelta(hours=since), parse(query))


def test_the_strongest_of_a_persons_subscriptions_decides() -> None:
    item = an_item()
    both = [known("s2", "ada", Every.WEEKLY), known("s1", "ada", Every.DAILY), known("s3", "bob", Every.INSTANT)]
    found = reached(item, document_of(item), both, NOON)
    assert [(each.person, each.every) for each in found] == [("ada", Every.DAILY), ("bob", Every.INSTANT)]
    assert [each.subscription for each in found[0].found] == ["s1", "s2"]


def test_a_subscription_begins_with_its_confirmation() -> None:
    item = an_item()
    assert reached(item, document_of(item), [known("s1", "ada", since=0)], NOON)
    assert not reached(item, document_of(item), [known("s1", "ada", since=0.001)], NOON)


def test_reasons_are_the_clauses_that_hold_with_the_items_own_words() -> None:
    said = (
        Reason(label="energy", passage="das Netz", weight=0.2),
        Reason(label="energy", passage="Stromnetz", weight=0.8),
        Reason(label="sovereignty", passage="eigene Server", weight=1.0),
    )
    item = an_item(verdict=a_verdict(reasons=said, sovereignty=0.9))
    query = parse("(theme:energy OR theme:health) sovereignty:>0.5 netz -kohle")
    assert reasons(query, item, document_of(item)) == (
        Why(clause="theme:energy", passage="Stromnetz"),
        Why(clause="sovereignty:>0.5", passage="eigene Server"),
        Why(clause="netz"),
    )


def test_the_words_for_franco_german_speak_for_no_other_mark() -> None:
    said = (Reason(label="franco_german", passage="Paris und Berlin", weight=1.0),)
    rose = (Spike(kind="theme", value="energy", found=8, usual=1.0),)
    item = an_item(verdict=a_verdict(reasons=said, franco_german=True), spikes=rose)
    assert reasons(parse("is:spike is:franco-german"), item, document_of(item)) == (
        Why(clause="is:spike"),
        Why(clause="is:franco-german", passage="Paris und Berlin"),
    )


def test_what_entered_in_bulk_is_passed_over_unless_it_was_released() -> None:
    assert passed_over(an_item(entered_in_bulk=True))
    assert not passed_over(an_item(entered_in_bulk=True, released_at=NOON))
    assert not passed_over(an_item())


def test_age_counts_from_the_release_where_that_is_later() -> None:
    old = NOON + TOO_OLD
    assert not too_late(an_item(), old)
    assert too_late(an_item(), old + timedelta(seconds=1))
    assert not too_late(an_item(released_at=NOON + timedelta(hours=1)), old + timedelta(seconds=1))

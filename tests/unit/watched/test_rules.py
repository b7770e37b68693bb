"""From proof to proof: what reaches back, and what does not."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from shared.watched.cover import Gap, Unwatched, gaps
from shared.watched.rules import Mark, Proof, Span, Watch, Why, broken, broken_for_good, lost, proven

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def proof(hours: float, names: str | None = None, *, due: float = 1.0, lied: float | None = None) -> Proof:
    marks = None if names is None else tuple(Mark(name) for name in names)
    at = NOON + hours * HOUR
    since = None if lied is None else NOON + lied * HOUR
    return Proof(at, at + due * HOUR, "https://www.example.org/feed.xml", marks, since)


def after(*proofs: Proof) -> tuple[Watch, list[Span]]:
    watch, over = None, []
    for each in proofs:
        watch, span = proven(watch, each)
        over += [span] if span else []
    assert watch is not None
    return watch, over


def test_proofs_in_time_extend_one_watch() -> None:
    watch, over = after(proof(0, "cba"), proof(1), proof(2.4, "dcba"))
    assert (watch.began, watch.until, over) == (NOON, NOON + 2.4 * HOUR, [])


def test_a_proof_that_comes_too_late_ends_the_span_where_it_was() -> None:
    watch, over = after(proof(0, "cba"), proof(1.6, "cba"))
    assert over == [Span(NOON, NOON, Why.LATE)]
    assert watch.began == NOON + 1.6 * HOUR


def test_after_a_failure_there_is_no_grace() -> None:
    watch, _ = proven(None, proof(0, "cba"))
    failed = broken(broken(watch, Why.FAILING, "503"), Why.PAUSED)
    assert proven(failed, proof(1.2, "cba"))[1] == Span(NOON, NOON, Why.FAILING, "503")
    assert proven(failed, proof(0.9, "cba"))[1] is None  # somebody polled at once


def test_after_a_restore_no_proof_is_in_time() -> None:
    watch, _ = proven(None, proof(0, "cba"))
    assert proven(broken_for_good(watch, Why.RESTORED), proof(0.01, "cba"))[1] == Span(NOON, NOON, Why.RESTORED)


def test_a_mail_that_was_refused_is_lost_however_soon_the_next_visit_finds_none() -> None:
    watch, _ = proven(None, proof(0))
    refused = broken(broken(watch, Why.REFUSED, "nobody proves it"), Why.FAILING, "503")
    assert proven(refused, proof(0.1))[1] == Span(NOON, NOON, Why.REFUSED, "nobody proves it")


def test_a_document_of_new_entries_only_may_have_lost_some() -> None:
    _, over = after(proof(0, "cba"), proof(1, "fed"))
    assert [span.why for span in over] == [Why.FULL]


def test_a_liar_is_believed_up_to_the_last_whole_document() -> None:
    _, over = after(proof(0, "cba"), proof(1), proof(2), proof(3), proof(3.9, "dcba", lied=0.0))
    assert over == [Span(NOON, NOON, Why.LIED)]


def test_a_new_address_is_compared_with_nothing() -> None:
    watch, _ = proven(None, proof(0, "cba"))
    moved = Proof(NOON + HOUR, NOON + 2 * HOUR, "https://www.example.org/neu.xml", (Mark("z"),))
    assert proven(watch, moved)[1] is None


def dated(*entries: tuple[str, int]) -> Sequence[Mark]:
    return [Mark(name, NOON + days * timedelta(days=1)) for name, days in entries]


@pytest.mark.parametrize(
    ("what", "seen", "marks", "is_lost"),
    [
        ("nothing new", "cba", dated(("c", 3), ("b", 2)), False),
        ("new above known", "cba", dated(("d", 4), ("c", 3)), False),
        ("all new", "cba", dated(("f", 6), ("e", 5), ("d", 4)), True),
        ("one on top, all others new", "pcba", dated(("p", 0), ("f", 6), ("e", 5)), True),
        ("one on top, without dates", "pcba", [Mark("p"), Mark("f"), Mark("e"), Mark("d")], True),
        ("one that came to the top since", "cbap", dated(("p", 0), ("f", 6), ("e", 5)), True),
        ("an old one put in below", "dcba", dated(("d", 4), ("c", 3), ("b", 2), ("x", -30)), False),
        ("an old one below, without dates", "dcba", [Mark("d"), Mark("c"), Mark("b"), Mark("x")], False),
        ("oldest first", "abc", dated(("a", 1), ("b", 2), ("c", 3), ("d", 4)), False),
        ("oldest first, all new", "abc", dated(("d", 4), ("e", 5), ("f", 6)), True),
    ],
)
def test_what_two_documents_say_of_the_time_between(
    what: str, seen: str, marks: Sequence[Mark], is_lost: bool
) -> None:
    assert lost(tuple(seen), marks) is is_lost, what


# ---- a stretch of time


def at(hours: float) -> datetime:
    return NOON + hours * HOUR


PRESENT = Watch(at(10), at(20), at(21), "https://www.example.org/feed.xml")
OVER = [Span(at(0), at(4), Why.FAILING, "503"), Span(at(5), at(8), Why.FULL)]


@pytest.mark.parametrize(
    ("since", "now", "found"),
    [
        (12, 20.5, []),
        (9, 20.5, [(9, 10, Why.FULL)]),
        (2, 20.5, [(4, 5, Why.FAILING), (8, 10, Why.FULL)]),
        (-3, 20.5, [(-3, 0, Why.BEFORE), (4, 5, Why.FAILING), (8, 10, Why.FULL)]),
        (12, 30, [(20, 30, Why.LATE)]),
    ],
)
def test_gaps_lie_between_the_spans_and_at_both_ends(
    since: float, now: float, found: list[tuple[float, float, Why]]
) -> None:
    said = gaps("haus", PRESENT, OVER, at(since), at(now))
    assert not isinstance(said, Unwatched)
    assert [(gap.since, gap.until, gap.why) for gap in said] == [(at(a), at(b), why) for a, b, why in found]


def test_what_goes_wrong_now_is_a_gap_at_once() -> None:
    failing = broken(PRESENT, Why.FAILING, "503")
    assert gaps("haus", failing, (), at(12), at(20.1)) == (Gap("haus", at(20), at(20.1), Why.FAILING, "503"),)
    assert gaps("haus", PRESENT, (), at(12), at(20.1), "aus") == (
        Gap("haus", at(20), at(20.1), Why.PAUSED, "aus"),
    )


def test_who_was_watched_at_no_time_is_said_so() -> None:
    assert gaps("haus", None, (), at(0), at(1)) == Unwatched("haus", Why.BEFORE)
    assert gaps("haus", None, (), at(0), at(1), "aus") == Unwatched("haus", Why.PAUSED, "aus")
    assert gaps("haus", PRESENT, OVER, at(25), at(30)) == Unwatched("haus", Why.LATE)

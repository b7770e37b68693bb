"""What stops the queue, what makes it flow again, and what is about one mail alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.notifier.outcomes import Before, Refused, Sent, Unknown
from services.notifier.queue import ASKED, BEHIND, Decision, Queue, decide, dry
from services.notifier.refusals import About, Phase
from shared.subscriptions.words import Blame, State

NOW = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
DENIED = Refused(About.US, "554 5.7.1 Relay access denied", Phase.RCPT)
LIMIT = Refused(About.LIMIT, "450 4.7.1 too much mail", Phase.MAIL)
GONE = Refused(About.GONE, "550 5.1.1 <a@example.org>: unknown", Phase.RCPT)
BUSY = Refused(About.MAILBOX_LATER, "450 busy", Phase.RCPT)


def before(who: str = "anna", **fields: object) -> Before:
    return replace(Before(f"mail to {who}", who, NOW, 0, 0), **fields)  # type: ignore[arg-type]


def seconds(**by: float) -> datetime:
    return NOW + timedelta(**by)


def refused_in_turn(refused: Refused, *people: str, queue: Queue | None = None) -> list[Decision]:
    decisions = [decide(refused, before(people[0]), queue or Queue(), NOW, None)]
    for who in people[1:]:
        decisions.append(decide(refused, before(who), decisions[-1].queue, NOW, None))
    return decisions


# A refusal about us


def test_a_refusal_about_us_fails_no_mail_and_stops_the_queue_with_the_relays_words() -> None:
    (decision,) = refused_in_turn(DENIED, "anna")
    assert (decision.result.state, decision.result.attempts) == (State.PENDING, 0)
    assert decision.result.blame is Blame.US
    assert (decision.queue.blame, decision.queue.said) == (Blame.US, "554 5.7.1 Relay access denied")


def test_the_next_to_ask_is_another_mail_where_there_is_one() -> None:
    (decision,) = refused_in_turn(DENIED, "anna")
    assert decision.queue.not_before is not None
    assert decision.result.due_at == decision.queue.not_before + BEHIND


def test_it_is_asked_ever_more_seldom_until_the_relay_takes_one() -> None:
    queue, pauses = Queue(), []
    for _ in range(len(ASKED) + 2):
        queue = decide(DENIED, before(), queue, NOW, None).queue
        assert queue.not_before is not None
        pauses.append((queue.not_before - NOW).total_seconds())
    assert pauses == [*ASKED, ASKED[-1], ASKED[-1]]
    flowing = decide(Sent(), before(), queue, NOW, None)
    assert flowing.result.state is State.SENT
    assert not flowing.queue.stopped
    assert flowing.queue.opens(NOW)


def test_while_we_are_refused_no_other_refusal_fails_a_mail() -> None:
    (stopped,) = refused_in_turn(DENIED, "anna")
    for refused in (GONE, BUSY, Refused(About.MAIL, "552 5.3.4 too big", Phase.END), LIMIT):
        decision = decide(refused, before("bert"), stopped.queue, NOW, None)
        assert (decision.result.state, decision.result.attempts) == (State.PENDING, 0)
        assert decision.queue.blame is Blame.US


def test_a_mail_that_is_refused_again_while_others_pass_was_the_cause_and_pays_alone() -> None:
    decision = decide(DENIED, before(blame=Blame.US), Queue(), NOW, NOW)
    assert (decision.result.state, decision.result.attempts) == (State.PENDING, 1)
    assert decision.result.blame is Blame.MAILBOX
    assert not decision.queue.stopped
    after_the_dot = decide(replace(DENIED, phase=Phase.END), before(blame=Blame.US), Queue(), NOW, NOW)
    assert after_the_dot.result.blame is Blame.MAIL


def test_what_is_said_before_any_recipient_never_is_one_mails_fault() -> None:
    decision = decide(replace(DENIED, phase=Phase.MAIL), before(blame=Blame.US), Queue(), NOW, NOW)
    assert decision.queue.blame is Blame.US


# Refused alike


def test_three_different_recipients_refused_alike_are_about_us_and_the_first_two_are_undone() -> None:
    first, second, third = refused_in_turn(GONE, "anna", "bert", "cleo")
    assert (first.result.state, second.result.state) == (State.FAILED, State.FAILED)
    assert (third.result.state, third.result.blame) == (State.PENDING, Blame.US)
    assert third.undo == ("mail to anna", "mail to bert")
    assert third.queue.blame is Blame.US


def test_the_same_recipient_three_times_is_one_recipient() -> None:
    decisions = refused_in_turn(GONE, "anna", "anna", "anna", "bert")
    assert {decision.result.state for decision in decisions} == {State.FAILED}


def test_other_words_are_another_matter() -> None:
    full = Refused(About.MAILBOX, "552 5.2.2 mailbox full", Phase.RCPT)
    queue = refused_in_turn(GONE, "anna", "bert")[-1].queue
    decision = decide(full, before("cleo"), queue, NOW, None)
    assert (decision.result.state, decision.queue.stopped) == (State.FAILED, False)


def test_a_mail_that_was_taken_between_ends_the_run() -> None:
    queue = refused_in_turn(GONE, "anna", "bert")[-1].queue
    taken = decide(Sent(), before("dora"), queue, NOW, None).queue
    assert decide(GONE, before("cleo"), taken, NOW, None).result.state is State.FAILED


def test_a_mail_that_another_process_sent_between_ends_the_run_too() -> None:
    queue = refused_in_turn(GONE, "anna", "bert")[-1].queue
    decision = decide(GONE, before("cleo"), queue, seconds(minutes=2), seconds(minutes=1))
    assert decision.result.state is State.FAILED


def test_three_dead_mailboxes_in_a_row_fail_when_the_relay_takes_mail_again() -> None:
    """Or they would stop everybody for ever, three by three."""
    queue = refused_in_turn(GONE, "anna", "bert", "cleo")[-1].queue
    queue = decide(Sent(), before("dora"), queue, NOW, None).queue
    for who in ("anna", "bert", "cleo"):
        decision = decide(GONE, before(who, blame=Blame.US), queue, NOW, NOW)
        assert (decision.result.state, decision.result.blame) == (State.FAILED, Blame.MAILBOX)
        queue = decision.queue
    assert not queue.stopped


def test_everybody_refused_for_now_costs_nobody_an_attempt_and_stops_nothing() -> None:
    decisions = refused_in_turn(BUSY, "anna", "bert", "cleo", "dora")
    assert [decision.result.attempts for decision in decisions] == [1, 1, 0, 0]
    assert decisions[-1].result.blame is Blame.WORLD
    assert not decisions[-1].queue.stopped


def test_greylisting_waits_without_bothering_others() -> None:
    grey = Refused(About.GREYLISTED, "450 4.2.0 greylisted", Phase.RCPT)
    for decision in refused_in_turn(grey, "anna", "bert", "cleo", "dora"):
        assert (decision.result.attempts, decision.result.blame) == (1, Blame.MAILBOX)
        assert decision.queue == Queue()


# A limit


def test_a_limit_pauses_the_queue_and_costs_no_attempt() -> None:
    (decision,) = refused_in_turn(LIMIT, "anna")
    assert (decision.result.state, decision.result.attempts) == (State.PENDING, 0)
    assert (decision.result.blame, decision.queue.blame) == (Blame.WORLD, Blame.WORLD)
    assert not decision.queue.opens(NOW)
    assert decision.queue.opens(seconds(seconds=2))


@pytest.mark.parametrize(
    "answered", [GONE, BUSY, Sent(), Refused(About.GREYLISTED, "450 4.2.0 greylisted", Phase.RCPT)]
)
def test_a_limit_is_over_when_the_relay_speaks_of_a_mail(answered: Sent | Refused) -> None:
    (limited,) = refused_in_turn(LIMIT, "anna")
    assert not decide(answered, before("bert"), limited.queue, seconds(seconds=5), None).queue.stopped


def test_a_mail_that_meets_a_limit_of_its_own_again_and_again_pays_alone() -> None:
    its_own = Refused(About.LIMIT, "451 4.3.0 lookup failure", Phase.RCPT)
    decision = decide(its_own, before(blame=Blame.WORLD), Queue(), NOW, NOW)
    assert (decision.result.attempts, decision.result.blame) == (1, Blame.MAILBOX)


def test_the_notice_of_a_limit_lasts_until_nothing_waits() -> None:
    (limited,) = refused_in_turn(LIMIT, "anna")
    flowing = decide(Sent(), before(), limited.queue, seconds(seconds=5), None).queue
    assert flowing.limited == NOW
    assert dry(flowing).limited is None


def test_a_mail_without_an_answer_does_not_open_a_stopped_queue() -> None:
    (stopped,) = refused_in_turn(DENIED, "anna")
    decision = decide(Unknown("no answer"), before("bert"), stopped.queue, seconds(seconds=10), None)
    assert decision.queue.blame is Blame.US
    assert not decision.queue.opens(seconds(seconds=10))


def test_a_clock_that_was_ahead_holds_up_nothing() -> None:
    (stopped,) = refused_in_turn(DENIED, "anna")
    assert stopped.queue.opens(NOW - timedelta(days=1))

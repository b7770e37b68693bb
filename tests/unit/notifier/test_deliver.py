"""Claims and results: a mail goes once, and where nobody can know, twice under one Message-ID, and counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlmodel import update

from services.notifier import claims
from services.notifier.mime import Mail
from services.notifier.outcomes import Dropped, Outcome, Refused, Sent, Unknown
from services.notifier.refusals import About
from shared.errors import MailUnavailable, StoreUnavailable
from shared.store import Store
from shared.subscriptions import deliveries, people
from shared.subscriptions.deliveries import Delivery
from shared.subscriptions.tables import PersonRow
from shared.subscriptions.words import Blame, State
from tests.fakes import FakeClock, a_store
from tests.mailing import (
    KEYS,
    ScriptedSender,
    archive,
    assign_all,
    deliverer,
    ledger,
    match,
    subscribe,
)


class Killed(BaseException):
    """The process ends here; nothing catches it."""


class DyingSender(ScriptedSender):
    """Dies at the next mail, before or after the relay took it."""

    def __init__(self, *, taken: bool) -> None:
        super().__init__()
        self._taken = taken

    def send(self, mail: Mail) -> Outcome:
        if self._taken:
            self.mails.append(mail)
        raise Killed


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    """One subscriber, one item, its delivery pending."""
    opened = a_store(tmp_path, clock)
    subscribe(opened)
    match(opened, archive(opened, "one"))
    assign_all(opened)
    yield opened
    opened.close()


def only(store: Store) -> Delivery:
    (one,) = ledger(store)
    return one


def message_id(mail: Mail) -> str:
    return dict(mail.headers)["Message-ID"]


def test_a_delivery_is_sent_once(store: Store) -> None:
    sender = ScriptedSender()
    one = deliverer(store, sender)
    assert one.step()
    assert not one.step()
    assert (len(sender.mails), only(store).state) == (1, State.SENT)


@pytest.mark.parametrize("taken", [False, True])
def test_a_process_that_dies_while_sending_sends_again_at_once_and_counts_it(store: Store, taken: bool) -> None:
    dying, sender = DyingSender(taken=taken), ScriptedSender()
    with pytest.raises(Killed):
        deliverer(store, dying).step()
    assert only(store).state is State.SENDING
    deliverer(store, sender).step()
    assert (only(store).state, only(store).unknown) == (State.SENT, 1)
    assert len(sender.mails) == 1
    assert {message_id(mail) for mail in dying.mails} <= {message_id(sender.mails[0])}


def test_the_claim_of_another_process_is_left_alone_until_it_expires(store: Store, clock: FakeClock) -> None:
    with pytest.raises(Killed):
        deliverer(store, DyingSender(taken=True), instance="there").step()
    sender = ScriptedSender()
    here = deliverer(store, sender, instance="here")
    assert not here.step()
    clock.advance(seconds=claims.CLAIM.total_seconds() - 1)
    assert not here.step()
    clock.advance(seconds=1)
    assert here.step()
    assert (only(store).state, only(store).unknown) == (State.SENT, 1)


def test_the_late_result_of_an_expired_claim_is_not_remembered(store: Store, clock: FakeClock) -> None:
    slow = claims.claim(store, "slow")
    assert slow is not None
    clock.advance(minutes=41)
    quick = claims.claim(store, "quick")
    assert quick is not None
    claims.settle(store, slow, slow.claims[0], Dropped("too late"), lambda _: KEYS)
    assert only(store).state is State.SENDING
    claims.settle(store, quick, quick.claims[0], Sent(), lambda _: KEYS)
    assert only(store).state is State.SENT


def test_a_sick_relay_leaves_the_delivery_as_it_was(store: Store) -> None:
    before = only(store)
    one = deliverer(store, ScriptedSender(MailUnavailable("nobody listens")))
    with pytest.raises(MailUnavailable):
        one.step()
    assert only(store) == before
    assert one.step()
    assert only(store).state is State.SENT


class LosingSender(ScriptedSender):
    """The relay takes the mail, and meanwhile the database goes away."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self._patch = patch

    def send(self, mail: Mail) -> Outcome:
        self._patch.setattr(Store, "_remembered", _away)  # what every transaction that writes stands in
        return super().send(mail)


@contextmanager
def _away(store: Store) -> Iterator[None]:
    raise StoreUnavailable("the database does not answer")
    yield  # a context manager needs one


def test_what_became_of_a_mail_is_remembered_when_the_store_is_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        sender = LosingSender(away)
        delivering = deliverer(store, sender)
        for _ in range(2):  # as long as it is away
            with pytest.raises(StoreUnavailable):
                delivering.step()
    assert not delivering.step()
    assert len(sender.mails) == 1
    (delivery,) = ledger(store)
    assert (delivery.state, delivery.unknown) == (State.SENT, 0)


def test_a_refusal_for_now_waits_its_time(store: Store, clock: FakeClock) -> None:
    sender = ScriptedSender(Refused(About.MAILBOX_LATER, "450 busy"))
    one = deliverer(store, sender)
    assert one.step()
    assert not one.step()
    clock.advance(seconds=59)
    assert not one.step()
    clock.advance(seconds=31)
    assert one.step()
    assert (only(store).state, only(store).attempts) == (State.SENT, 1)
    assert len({message_id(mail) for mail in sender.mails}) == 1


def test_a_refusal_for_good_fails_and_is_not_tried_again(store: Store, clock: FakeClock) -> None:
    one = deliverer(store, ScriptedSender(Refused(About.MAILBOX, "550 no such user <leser@example.org>")))
    assert one.step()
    clock.advance(days=5)
    assert not one.step()
    assert (only(store).state, only(store).error) == (State.FAILED, "550 no such user <<address>>")


def test_five_times_without_an_answer_a_person_decides(store: Store, clock: FakeClock) -> None:
    sender = ScriptedSender(*[Unknown("no answer")] * 5)
    one = deliverer(store, sender)
    for _ in range(5):
        assert one.step()
        clock.advance(hours=3)
    assert not one.step()
    assert (only(store).state, only(store).unknown) == (State.HELD, 5)
    assert len({message_id(mail) for mail in sender.mails}) == 1
    with store.writing() as session:
        assert deliveries.counts(session)["unknown"] == 5
        deliveries.release(session, only(store).id, store.now(session))
    assert one.step()
    assert (only(store).state, only(store).unknown) == (State.SENT, 5)


def test_a_mail_that_cannot_be_written_fails_alone(store: Store) -> None:
    with store.writing() as session:
        session.execute(update(PersonRow).values(address="leser@example.org\r\nBcc: x@example.org"))
    assert deliverer(store, sender := ScriptedSender()).step()
    assert sender.mails == []
    assert only(store).state is State.FAILED


def test_a_mail_that_an_error_of_ours_keeps_from_being_written_waits_for_a_person_and_holds_up_no_other(
    store: Store,
) -> None:
    """A claim left standing would count as unknown every ten minutes, and nothing would be red."""
    subscribe(store, address="zweite@example.org")
    match(store, archive(store, "two"))
    assign_all(store)
    broken = iter([True])

    def sign(mail: Mail) -> Mail:
        if next(broken, False):
            raise KeyError("a key that somebody took away")
        return mail

    one = deliverer(store, sender := ScriptedSender(), sign=sign)
    while one.step():
        pass
    states = {(each.state, each.unknown) for each in ledger(store)}
    assert states == {(State.FAILED, 0), (State.SENT, 0)}
    assert len(sender.mails) == len(ledger(store)) - 1
    (failed,) = (each for each in ledger(store) if each.state is State.FAILED)
    assert (failed.blame, "KeyError" in failed.error) == (Blame.MAIL, True)


def test_a_person_erased_while_the_mail_is_under_way_stays_erased(store: Store) -> None:
    batch = claims.claim(store, "here")
    assert batch is not None
    with store.writing() as session:
        people.erase(session, "leser@example.org", store.now(session), keys=KEYS)
    claims.settle(store, batch, batch.claims[0], Sent(), lambda _: KEYS)
    assert ledger(store) == ()


def test_a_sender_that_has_nothing_to_do_rests(store: Store) -> None:
    class Resting(ScriptedSender):
        rested = 0

        def rest(self) -> None:
            self.rested += 1

    sender = Resting(Sent())
    one = deliverer(store, sender)
    one.step()
    assert sender.rested == 0
    one.step()
    assert sender.rested == 1

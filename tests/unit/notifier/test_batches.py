"""Batches of claims: as many mails as go quickly, each remembered before the next: a death leaves one in doubt."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import update

from services.notifier import claims, deliver
from services.notifier.mime import Mail
from services.notifier.outcomes import NotTried, Outcome, Refused, Sent
from services.notifier.refusals import About
from shared.errors import MailUnavailable
from shared.store import Store
from shared.subscriptions import lifecycle
from shared.subscriptions.tables import DeliveryRow
from shared.subscriptions.words import State
from tests.fakes import FakeClock, a_store
from tests.mailing import KEYS, ScriptedSender, archive, assign_all, deliverer, ledger, match, subscribe

PEOPLE = 12


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    """A mail is due for each of some people."""
    opened = a_store(tmp_path, clock)
    for n in range(PEOPLE):
        subscribe(opened, f"leser{n}@example.org")
    match(opened, archive(opened, "one"))
    assign_all(opened)
    yield opened
    opened.close()


def states(store: Store) -> dict[State, int]:
    found = [one.state for one in ledger(store)]
    return {state: found.count(state) for state in set(found)}


def test_batches_grow_while_mails_go_quickly(store: Store) -> None:
    one = deliverer(store, sender := ScriptedSender(), monotonic=lambda: 0.0)
    steps = 0
    while one.step():
        steps += 1
    assert (len(sender.mails), steps) == (PEOPLE, 4)  # 1, 2, 4, 8: what is left of it
    assert states(store) == {State.SENT: PEOPLE}


def test_of_a_batch_that_a_dead_process_left_only_the_first_mail_is_in_doubt(store: Store) -> None:
    batch = claims.claim(store, "here", 5)
    assert batch is not None
    claims.taken(store, batch, batch.claims[0])
    assert claims.recover(store, "here") == 1
    doubted = [one.id for one in ledger(store) if one.unknown]
    assert doubted == [batch.claims[1].delivery]
    assert states(store) == {State.SENT: 1, State.PENDING: PEOPLE - 1}


def test_after_a_power_cut_every_mail_of_the_batch_is_in_doubt(store: Store) -> None:
    """What was remembered without waiting for the disk may be lost."""
    batch = claims.claim(store, "here", 5)
    assert batch is not None
    with store.writing() as session:
        before = update(DeliveryRow).where(DeliveryRow.claim == batch.token)  # type: ignore[arg-type]
        session.execute(before.values(claim=f"another-start-of-the-machine.{batch.token}"))
    assert claims.recover(store, "here") == 5


def test_a_relay_that_goes_away_in_a_batch_leaves_the_rest_as_it_was(store: Store) -> None:
    claimed = [Sent()] * 3 + [MailUnavailable("gone")]
    one = deliverer(store, ScriptedSender(*claimed), monotonic=lambda: 0.0)
    assert one.step()
    assert one.step()
    before = [(mail.id, mail.attempts, mail.unknown) for mail in ledger(store)]
    with pytest.raises(MailUnavailable):
        one.step()
    assert states(store) == {State.SENT: 3, State.PENDING: PEOPLE - 3}
    assert [(mail.id, mail.attempts, mail.unknown) for mail in ledger(store)] == before


def test_a_mail_that_breaks_the_program_keeps_no_other_from_its_reader(store: Store, clock: FakeClock) -> None:
    one = deliverer(store, sender := ScriptedSender(Sent(), RuntimeError("a bug")))
    assert one.step()
    with pytest.raises(RuntimeError):
        one.step()
    while one.step():
        pass
    assert len(sender.mails) == PEOPLE - 1
    clock.advance(minutes=41)
    assert one.step()
    assert states(store) == {State.SENT: PEOPLE}


class Stopped(ScriptedSender):
    """Is told to stop after so many mails."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self._after = after

    def send(self, mail: Mail) -> Outcome:
        return NotTried("stop") if len(self.mails) == self._after else super().send(mail)


class Thinking(ScriptedSender):
    """The relay thinks about a mail for longer than others wait."""

    def __init__(self, at: int, meanwhile: Callable[[], None]) -> None:
        super().__init__()
        self._at, self._meanwhile = at, meanwhile

    def send(self, mail: Mail) -> Outcome:
        if len(self.mails) == self._at:
            self._meanwhile()
        return super().send(mail)


def test_what_is_behind_a_slow_mail_goes_back_for_another_to_send(store: Store) -> None:
    others: list[str] = []
    now = [0.0]

    def meanwhile() -> None:
        slow.relieve()
        assert states(store)[State.SENDING] == 4  # not yet: it may only be a moment
        now[0] += deliver.SLOW
        slow.relieve()
        assert states(store)[State.SENDING] == 1
        other = deliverer(store, sender := ScriptedSender(), instance="there")
        while other.step():
            pass
        others.extend(mail.recipient for mail in sender.mails)

    slow = deliverer(store, thinking := Thinking(3, meanwhile), monotonic=lambda: now[0])
    while slow.step():
        pass
    assert len(others) + len(thinking.mails) == PEOPLE
    assert len(thinking.mails) == 4
    assert {(mail.state, mail.unknown) for mail in ledger(store)} == {(State.SENT, 0)}


def test_a_stop_in_a_batch_gives_the_rest_back(store: Store) -> None:
    one = deliverer(store, Stopped(after=4))
    while len([mail for mail in ledger(store) if mail.state is State.SENT]) < 4:
        assert one.step()
    assert states(store) == {State.SENT: 4, State.PENDING: PEOPLE - 4}
    assert claims.recover(store, "here") == 0
    assert all(mail.unknown == 0 for mail in ledger(store))


def test_a_deliverer_that_was_halted_sends_nothing(store: Store) -> None:
    one = deliverer(store, sender := ScriptedSender())
    one.halt()
    assert not one.step()
    assert sender.mails == []


def test_a_refusal_about_us_stops_a_batch_and_its_rest_waits(store: Store) -> None:
    denied = Refused(About.US, "554 5.7.1 Relay access denied")
    one = deliverer(store, sender := ScriptedSender(Sent(), Sent(), denied))
    for _ in range(5):
        one.step()
    assert len(sender.mails) == 3
    assert states(store) == {State.SENT: 2, State.PENDING: PEOPLE - 2}


def test_what_somebody_waits_for_goes_first_and_digests_last(tmp_path: Path, clock: FakeClock) -> None:
    store = a_store(tmp_path / "other", clock)
    subscribe(store, "tag@example.org", every="daily")
    match(store, archive(store, "one"))
    clock.advance(days=1)
    subscribe(store, "jetzt@example.org")
    match(store, archive(store, "two", title="Neues Netz"))
    with store.writing() as session:
        lifecycle.request(session, clock.now(), "neu@example.org", "theme:ai", "daily", "de", keys=KEYS)
    assign_all(store)
    one = deliverer(store, sender := ScriptedSender())
    while one.step():
        pass
    assert [mail.recipient for mail in sender.mails] == ["neu@example.org", "jetzt@example.org", "tag@example.org"]
    store.close()

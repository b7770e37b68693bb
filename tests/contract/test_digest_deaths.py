"""Two notifiers, one of which dies around the final dot: one digest a slot, and a second mail never unseen."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes
from threading import Thread

import pytest
from sqlalchemy import Connection
from sqlmodel import Session, select

from services.notifier.mime import Mail
from services.notifier.outcomes import Outcome
from services.notifier.smtp import SmtpRelay
from shared.store import Store
from shared.subscriptions.tables import DigestRunRow
from shared.subscriptions.words import State
from tests.fakes import FakeClock
from tests.mailing import OpenGate, archive, assign_all, deliverer, ledger, match, subscribe
from tests.unit.notifier.scripted import ScriptedRelay

READERS = 4


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 10, 24, 9, 0, tzinfo=UTC))  # the next night has an hour twice


class Killed(BaseException):
    """Nothing catches it, as nothing catches kill -9."""


class Dying(OpenGate):
    """A sender, and its gate, that end at a moment of the second mail."""

    def __init__(self, url: str, moment: str) -> None:
        self._relay, self._moment, self._mails, self.died = SmtpRelay(url), moment, 0, False

    def send(self, mail: Mail) -> Outcome:
        self._mails += 1
        self._die("before")
        outcome = self._relay.send(mail)
        self._die("after")
        return outcome

    def count(self, connection: Connection) -> None:
        self._die("counting")

    def counted(self) -> None:
        self._die("counted")

    def seal(self) -> None:
        """Nothing is written."""

    def rest(self) -> None:
        self._relay.rest()

    def halt(self) -> None:
        self._relay.halt()

    def _die(self, moment: str) -> None:
        if moment == self._moment and self._mails == 2:
            self.died = True
            raise Killed


def work(store: Store, sender: Dying | SmtpRelay, name: str) -> None:
    """A notifier of this name, from its start to its end, whichever that is."""
    gate = sender if isinstance(sender, Dying) else None
    one = deliverer(store, sender, name, gate=gate)
    try:
        assign_all(store)
        while one.step():
            pass
    except Killed:
        sender.rest()  # its connection ends with it
        return
    one.close()


def together(*works: Callable[[], None]) -> None:
    threads = [Thread(target=each) for each in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("moment", ["before", "after", "counting", "counted"])
def test_a_death_around_the_final_dot_makes_no_second_digest(store: Store, clock: FakeClock, moment: str) -> None:
    for number in range(READERS):
        subscribe(store, f"leser{number}@example.org", every="daily")
    match(store, archive(store, "one"), archive(store, "two"))
    clock.advance(hours=22)  # seven o'clock in Berlin, a winter's one
    with ScriptedRelay() as relay:
        dying = Dying(relay.url, moment)
        work(store, dying, "a")
        assert dying.died
        together(*(lambda name=name: work(store, SmtpRelay(relay.url), name) for name in ("a", "b")))
        clock.advance(hours=2)  # what waits for another try gets it; no slot comes
        together(*(lambda name=name: work(store, SmtpRelay(relay.url), name) for name in ("a", "b")))
        taken = [(recipient, message_from_bytes(content)["Message-ID"]) for recipient, content in relay.taken]
    mails = ledger(store)
    assert {mail.state for mail in mails} == {State.SENT}
    assert len(mails) == len(_runs(store)) == READERS
    copies = Counter(taken)
    assert len(copies) == READERS  # whoever got two got the same one twice
    assert len(taken) - READERS == (1 if moment in ("after", "counting") else 0)
    assert len(taken) - READERS <= sum(mail.unknown for mail in mails)


def _runs(store: Store) -> set[tuple[str, str, str]]:
    with store.reading() as session:
        rows = _rows(session)
        assert len(rows) == len({(row.person, row.local_date, row.slot) for row in rows})
        return {(row.person, row.local_date.isoformat(), row.slot) for row in rows}


def _rows(session: Session) -> list[DigestRunRow]:
    return list(session.exec(select(DigestRunRow)).all())

"""A relay with a limit: what it allows goes out, in hardly more time than it allows, and nothing fails.

A real sender and a real connection to a scripted relay; the clock is the test's, and stands still between two
moments at which the queue may go on.
"""

from collections import deque
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from services.notifier import standing
from services.notifier.smtp import SmtpRelay
from shared.store import Store
from shared.store.upsert import insert_all
from shared.subscriptions.deliveries import discard
from shared.subscriptions.tables import DeliveryRow
from shared.subscriptions.words import Kind, State
from shared.telemetry.notices import notices
from tests.fakes import FakeClock, a_store
from tests.mailing import deliverer, ledger
from tests.unit.notifier.scripted import Script, ScriptedRelay

Allows = Callable[[float], bool]  # by seconds since the beginning
LIMIT = "450 4.7.1 Error: too much mail from 127.0.0.1"


def sliding(number: int, within: float) -> Allows:
    """So many mails within so many seconds before now."""
    taken: deque[float] = deque()

    def allows(now: float) -> bool:
        while taken and taken[0] <= now - within:
            taken.popleft()
        if len(taken) < number:
            taken.append(now)
            return True
        return False

    return allows


def counted(number: int, within: float) -> Allows:
    """As postfix's anvil: attempts, also refused ones, in windows that begin with the first."""
    window = [float("-inf"), 0.0]

    def allows(now: float) -> bool:
        if now - window[0] >= within:
            window[:] = [now, 0.0]
        window[1] += 1
        return window[1] <= number

    return allows


def trickling(number: int, within: float) -> Allows:
    """One mail at a time, evenly."""
    last = [float("-inf")]

    def allows(now: float) -> bool:
        if now - last[0] < within / number:
            return False
        last[0] = now
        return True

    return allows


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    opened = a_store(tmp_path, clock)
    yield opened
    opened.close()


def enqueue(store: Store, count: int) -> None:
    """So many mails to different recipients are due."""
    now = store.clock.now()
    rows = [
        DeliveryRow(
            id=f"{n:032x}",
            key=f"operator/{n}",
            kind=Kind.OPERATOR,
            state=State.PENDING,
            language="de",
            recipient=f"leser{n}@example.org",
            subject="Mitteilung",
            body="Text.",
            created_at=now,
            due_at=now,
        ).model_dump()
        for n in range(count)
    ]
    with store.writing() as session:
        insert_all(session, DeliveryRow, rows)


def limited(clock: FakeClock, allows: Allows, command: str = "MAIL") -> Script:
    began = clock.now()

    def script(heard: str, _rest: str) -> str | None:
        if heard != command:
            return None
        return None if allows((clock.now() - began).total_seconds()) else LIMIT

    return script


def send_all(store: Store, clock: FakeClock, relay: ScriptedRelay, at_most: timedelta) -> timedelta:
    """Let the sender work, the clock advancing to whenever it may; how long it took."""
    began = clock.now()
    sender = SmtpRelay(relay.url, hello="vigie.example.org")
    one = deliverer(store, sender)
    while True:
        while one.step():
            pass
        with store.reading() as session:
            queue = standing.load(session)
            left = session.exec(select(DeliveryRow.due_at).where(DeliveryRow.state == State.PENDING)).all()
        if not left:
            return clock.now() - began
        assert clock.now() - began < at_most, f"{len(left)} wait after {at_most}"
        until = queue.not_before if queue.stopped else min(left)
        assert until is not None
        clock.advance(seconds=max(0.5, (until - clock.now()).total_seconds()))


@pytest.mark.parametrize(
    ("count", "allows", "hours"),
    [
        pytest.param(2_000, sliding(100, 3600), 20, marks=pytest.mark.long),
        (120, sliding(100, 3600), 1.2),
        *(
            pytest.param(120, kind(5, 60), 24 / 60, marks=pytest.mark.long)
            for kind in (sliding, counted, trickling)
        ),
        (30, sliding(5, 60), 6 / 60),
        (30, counted(5, 60), 6 / 60),
        (30, trickling(5, 60), 6 / 60),
        pytest.param(1_000, counted(30, 60), 1_000 / 30 / 60, marks=pytest.mark.long),
        (90, counted(30, 60), 90 / 30 / 60),
    ],
)
def test_all_are_out_within_little_more_than_the_limit_allows(
    store: Store, clock: FakeClock, count: int, allows: Allows, hours: float
) -> None:
    enqueue(store, count)
    with ScriptedRelay(limited(clock, allows)) as relay:
        took = send_all(store, clock, relay, timedelta(hours=1.2 * hours))
    assert took <= timedelta(hours=1.2 * hours)
    assert len({recipient for recipient, _ in relay.taken}) == len(relay.taken) == count
    assert {(mail.state, mail.attempts, mail.unknown) for mail in ledger(store)} == {(State.SENT, 0, 0)}


def test_a_limit_that_is_said_at_the_recipient_is_the_same_limit(store: Store, clock: FakeClock) -> None:
    enqueue(store, 30)
    with ScriptedRelay(limited(clock, sliding(5, 60), "RCPT")) as relay:
        took = send_all(store, clock, relay, timedelta(hours=1))
    assert took <= timedelta(minutes=1.2 * 6)
    assert {mail.state for mail in ledger(store)} == {State.SENT}


def test_operators_hear_of_the_limit_and_how_long_what_waits_will_need(store: Store, clock: FakeClock) -> None:
    enqueue(store, 50)
    told = []

    def script(heard: str, rest: str) -> str | None:
        with store.reading() as session:
            told.extend(notice.reason for notice in notices(session) if notice.key == "relay.limit")
        return answers(heard, rest)

    answers = limited(clock, sliding(5, 60))
    with ScriptedRelay(script) as relay:
        send_all(store, clock, relay, timedelta(hours=1))
    assert "for how long is not known yet" in told[0]
    assert LIMIT in told[-1]
    assert "wait and need about 1 min, at 5 in 6" in told[-1]
    with store.reading() as session:
        assert notices(session) == ()  # and nothing waits any more


def test_a_limit_that_nobody_waits_for_any_more_is_told_no_longer(store: Store, clock: FakeClock) -> None:
    enqueue(store, 1)
    with ScriptedRelay(lambda heard, _rest: LIMIT if heard == "MAIL" else None) as relay:
        one = deliverer(store, SmtpRelay(relay.url, hello="vigie.example.org"))  # type: ignore[arg-type]
        one.step()
        assert not one.step()
        with store.writing() as session:
            assert [notice.key for notice in notices(session)] == ["relay.limit"]
            discard(session, ledger(store)[0].id)
        assert not one.step()
    with store.reading() as session:
        assert notices(session) == ()
        assert not standing.load(session).stopped

"""`vigie deliveries release --all`: what failed goes again when its cause is gone, what nobody wants does not."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cli import main
from services.notifier.outcomes import Ended, Refused, Unknown
from services.notifier.refusals import About
from shared.store import Store
from shared.subscriptions import deliveries
from shared.subscriptions.words import Blame, State
from shared.telemetry.queries import failed
from tests.fakes import a_store
from tests.mailing import ScriptedSender, archive, assign_all, deliverer, ledger, match, subscribe

TOO_BIG = Refused(About.MAIL, "552 5.3.4 Message too big for system")
SPAM = Refused(About.MAIL, "554 spam")
DENIED = Refused(About.US, "554 5.7.1 Relay access denied")
LATER = Refused(About.MAIL_LATER, "451 later")
NO_ANSWER = Unknown("no answer after the final dot")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Three readers wait for a mail."""
    monkeypatch.chdir(tmp_path)
    opened = a_store(tmp_path / "data")
    for n in range(3):
        subscribe(opened, f"leser{n}@example.org")
    match(opened, archive(opened, "one"))
    assign_all(opened)
    yield opened
    opened.close()


def send(store: Store, *outcomes: Ended) -> None:
    one = deliverer(store, ScriptedSender(*outcomes))
    while one.step():
        pass


def states(store: Store) -> list[State]:
    return sorted(one.state for one in ledger(store))


def test_all_that_failed_goes_again_and_what_was_discarded_does_not(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    send(store, TOO_BIG, SPAM, TOO_BIG)
    with store.writing() as session:
        deliveries.discard(session, ledger(store)[0].id)
    assert main(["deliveries", "release", "--all", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 2
    assert states(store) == [State.FAILED, State.PENDING, State.PENDING]
    assert {one.blame for one in ledger(store)} == {Blame.NOBODY}


def test_all_that_failed_can_be_discarded_and_is_no_finding_any_more(store: Store) -> None:
    send(store, TOO_BIG, SPAM, TOO_BIG)
    assert main(["deliveries", "discard", "--all", "--reason", "too big"]) == 0
    assert [counted_failures(store), main(["deliveries", "discard", "--all"]), counted_failures(store)] == [
        1,
        0,
        0,
    ]
    assert states(store) == [State.FAILED] * 3


def counted_failures(store: Store) -> int:
    with store.reading() as session:
        return sum(one.number for one in failed(session, store.now(session)))


def test_a_reason_picks_some(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    send(store, TOO_BIG, SPAM, TOO_BIG)
    assert main(["deliveries", "release", "--all", "--reason", "TOO BIG"]) == 0
    assert "2 deliveries" in capsys.readouterr().out
    assert states(store) == [State.FAILED, State.PENDING, State.PENDING]


def test_a_reason_without_all_is_a_mistake(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deliveries", "release", "some-id", "--reason", "x"]) == 2
    assert "--reason" in capsys.readouterr().err


def test_a_release_asks_a_relay_that_refused_us_at_once(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    one = deliverer(store, sender := ScriptedSender(DENIED))
    one.step()
    assert not one.step()  # the others wait
    assert main(["deliveries", "release", "--all"]) == 0
    while one.step():
        pass
    assert states(store) == [State.SENT] * 3  # the one that was refused, too, and at once
    assert len(sender.mails) == 4
    capsys.readouterr()
    assert main(["deliveries", "list", "--json"]) == 0
    assert {mail["blame"] for mail in json.loads(capsys.readouterr().out)} == {""}


def test_a_release_tries_at_once_what_was_put_off_and_the_list_says_when_it_would_have_been(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """But not what the relay may have: it gets its time."""
    send(store, LATER, NO_ANSWER, LATER)
    assert main(["deliveries", "list"]) == 0
    assert capsys.readouterr().out.count("451 later (again ") == 2
    assert main(["deliveries", "release", "--all"]) == 0
    assert "asked again at once" in capsys.readouterr().out
    send(store)
    assert states(store) == [State.PENDING, State.SENT, State.SENT]

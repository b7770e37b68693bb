"""A relay may take its time with each answer, and a stop does not: the scripted relay, and limits of fractions."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from services.notifier import claims
from services.notifier.mime import Mail
from services.notifier.outcomes import NotTried, Outcome, Refused, Sent, Unknown
from services.notifier.refusals import About, Phase
from services.notifier.smtp import LIMITS, Limits, SmtpRelay
from shared.errors import MailUnavailable
from tests.unit.notifier.letters import a_digest, a_letter, an_entry, composed
from tests.unit.notifier.scripted import HANG_UP, Script, ScriptedRelay

SHORT = Limits(connect=5, command=5, data=5, block=5, end=5, whole=20, parting=0.3)


@contextmanager
def sender_to(relay: ScriptedRelay, **limits: float) -> Iterator[SmtpRelay]:
    with relay:
        sender = SmtpRelay(relay.url, limits=replace(SHORT, **limits))
        yield sender
        sender.rest()


def sent_by(script: Script) -> Outcome:
    """What becomes of one mail."""
    with sender_to(ScriptedRelay(script)) as sender:
        return sender.send(a_mail())


def a_mail() -> Mail:
    return composed(a_letter())


def saying(**answers: str) -> Script:
    return lambda command, _rest: answers.get({"": "HELLO", ".": "END"}.get(command, command))


def stalling(command: str, until: threading.Event) -> Script:
    def script(asked: str, _rest: str) -> None:
        if asked == command:
            until.wait(10)

    return script


def test_the_limits_are_those_of_rfc_5321() -> None:
    assert (LIMITS.command, LIMITS.data, LIMITS.block, LIMITS.end) == (300, 120, 180, 600)
    assert claims.CLAIM.total_seconds() > LIMITS.whole + LIMITS.end


@pytest.mark.parametrize(
    ("command", "limit"), [("MAIL", "command"), ("RCPT", "command"), ("DATA", "data"), (".", "end")]
)
def test_each_answer_is_waited_for_as_long_as_its_own_limit_says(command: str, limit: str) -> None:
    until = threading.Event()
    with sender_to(ScriptedRelay(stalling(command, until)), **{limit: 0.2}) as sender:
        began = time.monotonic()
        found = sender.send(a_mail())
        until.set()
    assert 0.2 <= time.monotonic() - began < 4
    assert isinstance(found, Unknown if command == "." else Refused)


def test_an_answer_that_comes_late_is_an_answer() -> None:
    relay = ScriptedRelay(lambda command, _: time.sleep(2.5) if command == "." else None)
    with sender_to(relay, command=2, data=2, whole=2) as sender:
        assert sender.send(a_mail()) == Sent()  # whatever the mail took before: after the dot its own limit counts
    assert len(relay.taken) == 1


def test_a_mail_that_crawls_is_given_up_before_its_final_dot_when_its_whole_time_is_over() -> None:
    with ScriptedRelay(
        lambda command, _: time.sleep(0.25) if command in ("MAIL", "RCPT", "DATA") else None
    ) as relay:
        sender = SmtpRelay(relay.url, limits=replace(SHORT, whole=0.6))
        assert isinstance(sender.send(a_mail()), Refused)
    assert relay.taken == []


@pytest.mark.parametrize(
    ("script", "about", "phase"),
    [
        (saying(MAIL=HANG_UP), About.CONNECTION, Phase.MAIL),
        (saying(RCPT=HANG_UP), About.MAIL_LATER, Phase.RCPT),  # or one that a relay cannot bear stops all others
        (saying(DATA=HANG_UP), About.MAIL_LATER, Phase.DATA),
        (saying(DATA="250 what?"), About.MAIL_LATER, Phase.DATA),
        (saying(DATA="554 5.7.1 no"), About.US, Phase.DATA),
        (saying(HELLO="421 4.7.0 busy"), About.CONNECTION, Phase.GREETING),
        (saying(HELLO="554 5.7.1 not you"), About.US, Phase.GREETING),
        (saying(RCPT="550-5.1.1 the mailbox\r\n550 5.1.1 is not there"), About.GONE, Phase.RCPT),
    ],
)
def test_breaks_and_odd_answers_are_about(script: Script, about: About, phase: Phase) -> None:
    found = sent_by(script)
    assert isinstance(found, Refused)
    assert (found.about, found.phase) == (about, phase)


@pytest.mark.parametrize("said", [HANG_UP, "999 what?", "no reply"])
def test_whatever_is_no_answer_after_the_final_dot_is_unknown(said: str) -> None:
    assert isinstance(sent_by(lambda command, _: said if command == "." else None), Unknown)


def test_a_name_that_no_server_has_is_unavailable() -> None:
    with pytest.raises(MailUnavailable, match="cannot be used"):
        SmtpRelay("smtp://relay.invalid:2525", limits=SHORT).send(a_mail())


def until_the(number: int, answer: str, command: str) -> tuple[Script, Callable[[], int]]:
    """Says `answer` to the command from the numbered time on, on the first connection only."""
    asked: list[str] = []
    connections: list[int] = []

    def script(heard: str, _rest: str) -> str | None:
        connections.extend([1] if heard == "" else [])
        asked.extend([heard] if heard == command else [])
        return answer if heard == command and len(connections) == 1 and len(asked) >= number else None

    return script, lambda: len(connections)


@pytest.mark.parametrize(
    "answer", ["452 4.5.3 Too many messages sent", "421 4.4.2 timeout", "530 5.7.0 log in", HANG_UP]
)
@pytest.mark.parametrize("command", ["MAIL"])
def test_a_connection_that_has_served_is_replaced_where_it_ends(answer: str, command: str) -> None:
    script, connections = until_the(3, answer, command)
    with sender_to(relay := ScriptedRelay(script)) as sender:
        assert [sender.send(a_mail()) for _ in range(5)] == [Sent()] * 5
    assert (len(relay.taken), connections()) == (5, 2)


def test_a_relay_that_takes_a_mail_and_goes_away_loses_none() -> None:
    script, connections = until_the(2, "421 4.3.2 shutting down", "RCPT")
    with sender_to(ScriptedRelay(script)) as sender:
        assert [sender.send(a_mail()) for _ in range(3)] == [Sent()] * 3
    assert connections() == 2


def test_a_refused_mail_is_cleared_away_before_the_next() -> None:
    relay = ScriptedRelay(lambda command, rest: "550 no" if command == "RCPT" and "weg" in rest else None)
    with sender_to(relay) as sender:
        refused = sender.send(composed(a_letter(recipient="weg@example.org")))
        assert isinstance(refused, Refused)
        assert sender.send(a_mail()) == Sent()
    assert relay.connections == 1
    assert relay.heard.count("rset") == 1


def test_our_name_is_the_one_of_the_settings() -> None:
    with ScriptedRelay() as relay:
        sender = SmtpRelay(relay.url, hello="vigie.example.org", limits=SHORT)
        sender.send(a_mail())
        sender.rest()
    assert relay.heard[0].lower() == "ehlo vigie.example.org"


def test_a_mail_of_many_blocks_arrives_whole() -> None:
    entries = [an_entry(title="Meldung " * 300, summary=f"Zeile {n}. " * 60, item_id=f"i{n}") for n in range(40)]
    mail = composed(a_digest(*entries))
    assert len(mail.as_bytes()) > 2 << 16
    with sender_to(relay := ScriptedRelay()) as sender:
        assert sender.send(mail) == Sent()
    assert relay.taken[0][1].replace(b"\r\n..", b"\r\n.") == mail.as_bytes()


@pytest.mark.parametrize("command", ["", "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_stop_breaks_off_a_mail_that_was_not_handed_over(command: str) -> None:
    found, _ = halted_at(command)
    assert isinstance(found, NotTried)


def test_a_stop_after_the_final_dot_waits_a_little_and_leaves_the_answer_open() -> None:
    found, took = halted_at(".")
    assert isinstance(found, Unknown)
    assert took < SHORT.end


def test_a_stop_after_the_final_dot_takes_the_answer_that_comes_soon() -> None:
    found, _ = halted_at(".", answers_after=0.05)
    assert found == Sent()


def test_a_sender_that_was_stopped_hands_nothing_over() -> None:
    with sender_to(relay := ScriptedRelay()) as sender:
        sender.halt()
        assert isinstance(sender.send(a_mail()), NotTried)
    assert relay.taken == []


def halted_at(command: str, answers_after: float | None = None) -> tuple[Outcome, float]:
    """What became of a mail whose sender was told to stop while the relay thought about this command."""
    asked, until = threading.Event(), threading.Event()

    def script(heard: str, _rest: str) -> None:
        if heard == command:
            asked.set()
            until.wait(10)

    found: list[Outcome] = []
    with sender_to(ScriptedRelay(script)) as sender:
        sending = threading.Thread(target=lambda: found.append(sender.send(a_mail())))
        sending.start()
        assert asked.wait(10)
        began = time.monotonic()
        sender.halt()
        if answers_after is not None:
            threading.Timer(answers_after, until.set).start()
        sending.join(10)
        until.set()
    return found[0], time.monotonic() - began

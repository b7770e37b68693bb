"""The SMTP door against a real server: what is sent, byte for byte, and what each answer means."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from services.notifier.mime import Mail
from services.notifier.outcomes import Outcome, Refused, Sent, Unknown
from services.notifier.smtp import SmtpRelay
from shared.errors import MailUnavailable
from tests.pipeline.harness import free_port
from tests.unit.notifier.letters import a_letter, an_entry, composed
from tests.unit.notifier.relay import HANG_UP, Relay


@contextmanager
def sending(relay: Relay, url: str | None = None) -> Iterator[SmtpRelay]:
    with relay:
        sender = SmtpRelay(url or relay.url, timeout=5)
        yield sender
        sender.rest()


def outcome(answers: dict[str, str], mail: Mail | None = None) -> Outcome:
    with sending(Relay(answers)) as sender:
        return sender.send(mail or composed(a_letter()))


def test_the_relay_gets_the_bytes_that_were_composed() -> None:
    relay, mail = Relay(), composed(a_letter(an_entry(summary="Zeile.\n.. Punkte\n.")))
    with sending(relay) as sender:
        assert sender.send(mail) == Sent()
    assert relay.taken == [mail.as_bytes()]
    assert relay.options == []


def test_a_line_that_begins_with_a_dot_keeps_it() -> None:
    relay, mail = Relay(), composed(a_letter(an_entry(title=".htaccess erklärt")))
    with sending(relay) as sender:
        sender.send(mail)
    assert relay.taken[0] == mail.as_bytes()
    assert b"\r\n.htaccess" in relay.taken[0]


def test_a_relay_without_8bitmime_takes_the_same_mail() -> None:
    relay = Relay(decode_data=True)
    with sending(relay) as sender:
        assert sender.send(composed(a_letter())) == Sent()


@pytest.mark.parametrize(
    "answers",
    [{"RCPT": "450 greylisted"}, {"DATA": "451 try later"}, {"MAIL": "452 full"}, {"DATA": "421 going away"}],
)
def test_a_refusal_for_now_is_temporary(answers: dict[str, str]) -> None:
    found = outcome(answers)
    assert isinstance(found, Refused)
    assert not found.permanent


@pytest.mark.parametrize(
    "answers", [{"RCPT": "550 no such user"}, {"DATA": "554 spam"}, {"MAIL": "552 too big"}, {"RCPT": "551 moved"}]
)
def test_a_refusal_for_good_is_permanent(answers: dict[str, str]) -> None:
    found = outcome(answers)
    assert isinstance(found, Refused)
    assert found.permanent
    assert next(iter(answers.values())) in found.reason


@pytest.mark.parametrize(
    "answers", [{"MAIL": "550 sender not allowed"}, {"MAIL": "421 going away"}, {"RCPT": "530 log in first"}]
)
def test_what_would_meet_every_mail_is_a_sick_world(answers: dict[str, str]) -> None:
    with pytest.raises(MailUnavailable, match="mail relay"):
        outcome(answers)


def test_no_answer_after_the_final_dot_is_unknown() -> None:
    relay = Relay({"DATA": HANG_UP})
    with sending(relay) as sender:
        assert isinstance(sender.send(composed(a_letter())), Unknown)
        assert len(relay.taken) == 1  # the relay has it, and we cannot know
        relay.answers.clear()
        assert sender.send(composed(a_letter())) == Sent()


def test_a_relay_that_nobody_runs_is_unavailable() -> None:
    with pytest.raises(MailUnavailable, match="mail relay"):
        SmtpRelay(f"smtp://127.0.0.1:{free_port()}", timeout=5).send(composed(a_letter()))


def test_a_relay_that_says_nothing_is_unavailable_after_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sender = SmtpRelay(f"smtp://127.0.0.1:{silent.getsockname()[1]}", timeout=0.2)
        with pytest.raises(MailUnavailable):
            sender.send(composed(a_letter()))


def test_a_break_in_the_middle_of_a_mail_is_this_mails_trouble_alone() -> None:
    """Or one mail that a relay cannot bear would stop all others behind it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_hang_up_at_data, args=(server,), daemon=True).start()
        sender = SmtpRelay(f"smtp://127.0.0.1:{server.getsockname()[1]}", timeout=5)
        found = sender.send(composed(a_letter()))
    assert isinstance(found, Refused)
    assert not found.permanent


def _hang_up_at_data(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection, connection.makefile("rb") as lines:
        connection.sendall(b"220 hello\r\n")
        for line in lines:
            if line.upper().startswith(b"DATA"):
                return
            connection.sendall(b"250 OK\r\n")


def test_one_connection_serves_many_mails_until_there_are_none() -> None:
    relay = Relay()
    with sending(relay) as sender:
        for _ in range(5):
            assert sender.send(composed(a_letter())) == Sent()
        assert relay.connections == 1
        sender.rest()
        sender.send(composed(a_letter()))
        assert relay.connections == 2


def test_a_connection_that_died_while_idle_is_replaced() -> None:
    relay = Relay({"RSET": HANG_UP})
    with sending(relay) as sender:
        assert sender.send(composed(a_letter())) == Sent()
        assert sender.send(composed(a_letter())) == Sent()
    assert len(relay.taken) == 2


def test_a_login_stands_in_the_url_with_its_signs_escaped() -> None:
    relay = Relay(login=True)
    with sending(relay, relay.url.replace("smtp://", "smtp://vigie:p%40ss%2Fword@")) as sender:
        assert sender.send(composed(a_letter())) == Sent()
    assert relay.logins == [("vigie", "p@ss/word")]


def test_a_wrong_password_is_a_sick_world_and_is_not_repeated_in_the_error() -> None:
    relay = Relay(login=True)
    with sending(relay, relay.url.replace("smtp://", "smtp://vigie:wrong@")) as sender:
        with pytest.raises(MailUnavailable) as refused:
            sender.send(composed(a_letter()))
        assert "wrong" not in str(refused.value)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A relay's certificate that nobody vouches for."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("certificate")
    key, cert = folder / "key.pem", folder / "cert.pem"
    made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=relay"
    subprocess.run([*made.split(), "-keyout", key, "-out", cert], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    return context


def test_starttls_is_used_when_offered_whoever_signed_the_certificate(certificate: ssl.SSLContext) -> None:
    relay = Relay(tls_context=certificate, require_starttls=True)
    with sending(relay) as sender:
        assert sender.send(composed(a_letter())) == Sent()


def test_a_password_is_shown_to_no_relay_that_cannot_prove_its_name(certificate: ssl.SSLContext) -> None:
    relay = Relay(login=True, tls_context=certificate)
    url = relay.url.replace("smtp://", "smtp://vigie:p%40ss%2Fword@")
    with sending(relay, url) as sender, pytest.raises(MailUnavailable, match="certificate"):
        sender.send(composed(a_letter()))
    assert relay.logins == []

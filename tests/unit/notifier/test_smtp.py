"""The SMTP door against a real server: what is sent, byte for byte, and what each answer means."""

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from services.notifier.mime import Mail
from services.notifier.outcomes import Outcome, Refused, Sent, Unknown
from services.notifier.refusals import About, Phase
from services.notifier.smtp import Limits, SmtpRelay
from shared.errors import MailUnavailable
from tests.pipeline.harness import free_port
from tests.unit.notifier.letters import a_letter, an_entry, composed
from tests.unit.notifier.relay import HANG_UP, Relay


@contextmanager
def sending(relay: Relay, url: str | None = None) -> Iterator[SmtpRelay]:
    with relay:
        sender = SmtpRelay(url or relay.url, limits=QUICK)
        yield sender
        sender.rest()


QUICK = Limits(connect=5, command=5, data=5, block=5, end=5, whole=20, parting=0.5)


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
    ("answers", "about", "phase"),
    [
        ({"MAIL": "452 4.3.1 full"}, About.LIMIT, Phase.MAIL),
        ({"MAIL": "552 too big"}, About.MAIL, Phase.MAIL),
        ({"MAIL": "550 sender not allowed"}, About.US, Phase.MAIL),
        ({"MAIL": "421 going away"}, About.CONNECTION, Phase.MAIL),
        ({"RCPT": "450 4.2.0 greylisted"}, About.GREYLISTED, Phase.RCPT),
        ({"RCPT": "550 no such user"}, About.MAILBOX, Phase.RCPT),
        ({"RCPT": "530 log in first"}, About.US, Phase.RCPT),
        ({"DATA": "451 try later"}, About.MAIL_LATER, Phase.END),
        ({"DATA": "554 spam"}, About.MAIL, Phase.END),
        ({"DATA": "421 going away"}, About.CONNECTION, Phase.END),
    ],
)
def test_a_refusal_says_what_it_is_about_and_when_it_came(
    answers: dict[str, str], about: About, phase: Phase
) -> None:
    found = outcome(answers)
    assert isinstance(found, Refused)
    assert (found.about, found.phase) == (about, phase)
    assert next(iter(answers.values())) in found.reason


def test_no_answer_after_the_final_dot_is_unknown() -> None:
    relay = Relay({"DATA": HANG_UP})
    with sending(relay) as sender:
        assert isinstance(sender.send(composed(a_letter())), Unknown)
        assert len(relay.taken) == 1  # the relay has it, and we cannot know
        relay.answers.clear()
        assert sender.send(composed(a_letter())) == Sent()


def test_a_relay_that_nobody_runs_is_unavailable() -> None:
    with pytest.raises(MailUnavailable, match="mail relay"):
        SmtpRelay(f"smtp://127.0.0.1:{free_port()}", limits=QUICK).send(composed(a_letter()))


def test_a_relay_that_says_nothing_is_unavailable_after_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sender = SmtpRelay(f"smtp://127.0.0.1:{silent.getsockname()[1]}", limits=replace(QUICK, command=0.2))
        with pytest.raises(MailUnavailable):
            sender.send(composed(a_letter()))


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
    relay = Relay()
    with sending(relay) as sender:
        assert sender.send(composed(a_letter())) == Sent()
        relay.hang_up()
        assert sender.send(composed(a_letter())) == Sent()
    assert (len(relay.taken), relay.connections) == (2, 2)


def test_a_login_stands_in_the_url_with_its_signs_escaped() -> None:
    relay = Relay(login=True)
    with sending(relay, relay.url.replace("smtp://", "smtp://vigie:p%40ss%2Fword@")) as sender:
        assert sender.send(composed(a_letter())) == Sent()
    assert relay.logins == [("vigie", "p@ss/word")]


def test_a_wrong_password_is_about_us_and_is_not_repeated_in_the_reason() -> None:
    relay = Relay(login=True)
    with sending(relay, relay.url.replace("smtp://", "smtp://vigie:wrong@")) as sender:
        refused = sender.send(composed(a_letter()))
    assert isinstance(refused, Refused)
    assert (refused.about, refused.phase) == (About.US, Phase.GREETING)
    assert "535" in refused.reason
    assert "wrong" not in refused.reason


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

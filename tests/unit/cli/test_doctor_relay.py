"""The doctor speaks with the relay as a mail would, and sends none."""

from pathlib import Path

import pytest

from services.cli.doctor import CHECKS
from shared.config import Settings
from shared.errors import MailUnavailable
from tests.certificates import an_authority
from tests.pipeline.harness import free_port
from tests.unit.notifier.relay import Relay

SENDER = "vigie@example.org"
PASSWORD = "p@ss/word"


def asked(url: str, sender: str = f"Vigie <{SENDER}>") -> str:
    return CHECKS["mail"](Settings(smtp_url=url, mail_from=sender))


def test_a_relay_that_takes_our_mail_is_sound_and_gets_none() -> None:
    with Relay() as relay:
        assert asked(relay.url).endswith("would take a mail of ours (no TLS); none was sent")
    assert (relay.connections, relay.senders, relay.recipients) == (1, [SENDER], [SENDER])
    assert relay.taken == []


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"MAIL": "550 5.7.1 sender not permitted"}, r"our sender \(MAIL FROM\): 550.*VIGIE_MAIL_FROM"),
        ({"RCPT": "554 5.7.1 relay access denied"}, r"\(RCPT TO\): 554.*what the relay allows this machine"),
        ({"RCPT": "550 5.1.1 no such user <vigie@example.org>"}, r"550 5\.1\.1 no such user.*bounces come back"),
    ],
)
def test_a_refusal_that_would_stop_our_mail_is_told_with_the_relays_words(
    answers: dict[str, str], said: str
) -> None:
    with Relay(answers) as relay, pytest.raises(MailUnavailable, match=said):
        asked(relay.url)


@pytest.mark.parametrize(
    "answers", [{"MAIL": "450 4.7.1 too much mail"}, {"RCPT": "450 4.2.0 greylisted, come back"}], ids=str
)
def test_a_refusal_that_passes_is_told_and_is_no_fault(answers: dict[str, str]) -> None:
    with Relay(answers) as relay:
        assert asked(relay.url).endswith("; that passes")


def test_a_login_is_tried_with_the_password_and_never_shows_it() -> None:
    with Relay(login=True) as relay:
        host = relay.url.removeprefix("smtp://")
        assert "would take" in asked(f"smtp://vigie:p%40ss%2Fword@{host}")
        assert relay.logins == [("vigie", PASSWORD)]
        with pytest.raises(MailUnavailable, match=r"our greeting or login: 535.*VIGIE_SMTP_URL") as caught:
            asked(f"smtp://vigie:ganzfalsch@{host}")
    assert "ganzfalsch" not in str(caught.value)


def test_starttls_is_spoken_where_it_is_offered(tmp_path: Path) -> None:
    house = an_authority(tmp_path)
    with Relay(tls_context=house.server("IP:127.0.0.1"), require_starttls=True) as relay:
        assert "would take a mail of ours (TLSv1." in asked(relay.url)


def test_a_relay_that_is_not_there_is_told_with_the_setting() -> None:
    with pytest.raises(MailUnavailable, match="VIGIE_SMTP_URL"):
        asked(f"smtp://127.0.0.1:{free_port()}")


def test_without_a_relay_there_is_nobody_to_ask(tmp_path: Path) -> None:
    assert "mails are files" in CHECKS["mail"](Settings(data_dir=tmp_path))

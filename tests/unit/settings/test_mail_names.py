"""Who we are to a relay: a sender that mails can have, and a name that relays take."""

import pytest

from shared.config import load_settings
from shared.errors import ConfigError
from shared.mail_names import hello


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("Vigie <vigie@example.org>", "Vigie <vigie@example.org>"),
        ("vigie@example.org", "vigie@example.org"),
        ("Späher <vigie@münchen.example>", "Späher <vigie@xn--mnchen-3ya.example>"),
        ("Vigie <vigie@localhost>", "Vigie <vigie@localhost>"),
    ],
)
def test_a_sender_is_kept_as_mails_can_carry_it(raw: str, kept: str) -> None:
    assert load_settings({"VIGIE_MAIL_FROM": raw}).mail_from == kept


@pytest.mark.parametrize(
    "raw",
    [
        "vigie",
        "Vigie <vigie>",
        "Vigie <späher@example.org>",
        "a@example.org, b@example.org",
        "v@ex ample",
        "v@-.org",
    ],
)
def test_a_sender_that_no_mail_can_have_is_refused_at_the_start_and_not_with_each_mail(raw: str) -> None:
    with pytest.raises(ConfigError, match="VIGIE_MAIL_FROM"):
        load_settings({"VIGIE_MAIL_FROM": raw})


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"VIGIE_MAIL_HELLO": "mail.example.net"}, "mail.example.net"),
        ({"VIGIE_MAIL_HELLO": "[192.0.2.1]"}, "[192.0.2.1]"),
        ({"VIGIE_MAIL_FROM": "Vigie <vigie@example.org>"}, "example.org"),
        ({"VIGIE_PUBLIC_URL": "https://vigie.example.org/path"}, "vigie.example.org"),
    ],
)
def test_our_name_is_the_fullest_that_is_known(settings: dict[str, str], name: str) -> None:
    assert load_settings(settings).hello_name == name


@pytest.mark.parametrize(
    ("machine", "name"), [("host.example.com", "host.example.com"), ("host", "host"), ("", "localhost")]
)
def test_the_machine_names_itself_where_the_settings_know_no_better(machine: str, name: str) -> None:
    assert hello("", "Vigie <vigie@localhost>", "http://127.0.0.1:8080", lambda: machine) == name


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match="VIGIE_MAIL_HELLO"):
        load_settings({"VIGIE_MAIL_HELLO": "not a name"})

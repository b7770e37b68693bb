"""VIGIE_MAILBOXES: names, servers, passwords that nobody is shown, and what is wrong with it in words."""

from pathlib import Path
from typing import Final

import pytest

from shared.config import load_settings
from shared.errors import ConfigError
from shared.mailboxes import read_accounts

ONE: Final = "imaps://presse%40example.org:Geheim%2F17@imap.example.org"


def test_one_mailbox_without_a_name_is_the_default_one() -> None:
    (account,) = read_accounts("VIGIE_MAILBOXES", f"{ONE}?authserv=MX.Example.org")
    assert (account.name, account.authserv) == ("default", "mx.example.org")
    server = account.server
    assert (server.host, server.port, server.user) == ("imap.example.org", 993, "presse@example.org")
    assert server.password == "Geheim/17"
    assert "Geheim" not in repr(account) + account.place


def test_several_have_names_and_stand_in_a_file_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "mailboxes"
    path.write_text(f"{ONE}\nnews=imap://news:x@mail.example.org:1143\n", "utf-8")
    settings = load_settings({"VIGIE_MAILBOXES_FILE": str(path)}, tmp_path)
    assert [account.name for account in settings.mail_accounts] == ["default", "news"]
    assert settings.mail_accounts[1].server.port == 1143
    assert settings.redacted()["mailboxes"] == (
        "default=imaps://***@imap.example.org news=imap://***@mail.example.org:1143"
    )


def test_vigie_toml_has_a_table_of_them(tmp_path: Path) -> None:
    (tmp_path / "vigie.toml").write_text(f'[mailboxes]\ndefault = "{ONE}"\n', "utf-8")
    assert load_settings({}, tmp_path).mail_accounts == read_accounts("VIGIE_MAILBOXES", ONE)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("https://presse:x@imap.example.org", "must begin with imaps:// or imap://"),
        ("imaps://imap.example.org", "user and password are needed"),
        ("imaps://presse@imap.example.org", "user and password are needed"),
        (f"{ONE} {ONE}", "two mailboxes called 'default'"),
        (f"News={ONE}", "name of a mailbox must be made of"),
        (f"{ONE}?folder=INBOX", "only authserv=NAME is known"),
        (f"{ONE}/INBOX", "must end with host or host:port"),
        ("imaps://presse:Geh/eim@imap.example.org", "%2F"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_secret_is(written: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load_settings({"VIGIE_MAILBOXES": written})
    assert said in str(refused.value)
    assert "VIGIE_MAILBOXES" in str(refused.value)
    assert "Geh" not in str(refused.value)

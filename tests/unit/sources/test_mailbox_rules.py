"""The rules of a source that is a mailbox: what the sources file may say of it, and what comes of a change."""

from pathlib import Path
from typing import Any, Final

import pytest

from services.cli import mailboxes
from services.collector.app import SHIPPED
from shared.config import Settings
from shared.errors import ConfigError
from shared.sources.catalogue import MailboxRules, load_catalogue, mailbox_rules, plain_rules, source_config

BLOCK: Final = {"id": "haus", "kind": "mailbox", "url": "https://www.example.org/newsletter"}
RULES: Final = {"senders": ["News@Example.org", "@lists.example.org"]}


def config(**rules: Any) -> MailboxRules:
    found = source_config({**BLOCK, "mailbox": RULES | rules}, "test").mailbox
    assert found is not None
    return found


def test_senders_are_enough() -> None:
    assert config() == MailboxRules(senders=("news@example.org", "@lists.example.org"))


def test_the_table_of_sources_keeps_them_as_they_are() -> None:
    rules = config(
        account="news", folder="Presse/KI", subject="^News", signers=["dispatcher.example"], unproven="x"
    )
    assert mailbox_rules(plain_rules(rules)) == rules
    assert mailbox_rules(plain_rules(None)) is None


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (BLOCK, r"needs \[source.mailbox\] with `senders`"),
        ({**BLOCK, "mailbox": {"folder": "INBOX"}}, r"needs `senders`"),
        ({**BLOCK, "mailbox": {"senders": ["example.org"]}}, "write news@example.org or @example.org"),
        ({**BLOCK, "mailbox": {**RULES, "sender": "x"}}, "Did you mean `senders`"),
        ({**BLOCK, "mailbox": {**RULES, "subject": "("}}, "no regular expression"),
        ({**BLOCK, "mailbox": {**RULES, "signers": ["@x.org"]}}, "write example.net"),
        ({**BLOCK, "mailbox": {**RULES, "folder": ""}}, "`folder` is empty"),
        ({**BLOCK, "url": "imaps://u:secret@imap.example.org", "mailbox": RULES}, "stands in VIGIE_MAILBOXES"),
    ],
)
def test_what_is_missing_or_wrong_is_said(block: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said) as refused:
        source_config(block, "test")
    assert "secret" not in str(refused.value)


def test_config_check_finds_a_mailbox_that_is_not_set(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(
        '[[source]]\nid = "haus"\nkind = "mailbox"\nurl = "https://www.example.org/"\n'
        '[source.mailbox]\nsenders = ["@example.org"]\naccount = "nwes"\n',
        "utf-8",
    )
    catalogue = load_catalogue(path)
    mailboxes.check(load_catalogue(SHIPPED), Settings(mailboxes="news=imaps://u:p@imap.example.org"))
    mailboxes.check(catalogue, Settings())  # without any it waits, which is no mistake
    with pytest.raises(ConfigError, match=r"no mailbox .nwes.\. Did you mean .news."):
        mailboxes.check(catalogue, Settings(mailboxes="news=imaps://u:p@imap.example.org"))

"""The product and a real postfix that denies, has a limit, takes its time, or knows a mailbox no more."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from shared.config import Settings
from shared.store import Store
from shared.subscriptions import lifecycle
from shared.subscriptions.keyring import made_keys
from shared.subscriptions.version import changing
from tests.pipeline.feeds import Entry, now, rss
from tests.pipeline.harness import Vigie, wait_until
from tests.pipeline.mailbox import Mailbox
from tests.postfix import Postfix
from tests.servers import FeedServer
from tests.unit.notifier.scripted import ScriptedRelay

pytestmark = [pytest.mark.long, pytest.mark.slow, pytest.mark.timeout(600)]

LATE = 40.0  # seconds that a content filter takes
GONE = "weg@example.org"


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


@contextmanager
def mailing(folder: Path, relay: Postfix, readers: Sequence[str]) -> Iterator[Vigie]:
    """One news for each of the readers, by instant mail, through the relay."""
    settings = {"VIGIE_SMTP_URL": relay.url, "VIGIE_MAIL_FROM": "vigie@example.org", "VIGIE_MODEL": "lexicon"}
    with FeedServer() as site, Vigie(folder, **settings) as vigie:
        site.serve("/feed.xml", rss([Entry("netz", "Leuchtturm an der Elbe", "Ein neues Licht.", now())]))
        vigie.sources(("haus", site.url("/feed.xml")))
        vigie.command("migrate")
        with closing(Store(f"sqlite:///{folder / 'data' / 'vigie.db'}")) as store, changing(store) as session:
            keys = made_keys(session, Settings())
            for address in readers:
                wish = (address, "Leuchtturm", "instant", "de")
                lifecycle.add_confirmed(session, store.now(session), *wish, keys=keys)
        vigie.start()
        yield vigie


def filtered(filter_: ScriptedRelay) -> Postfix:
    """A relay that asks a filter before it takes a mail."""
    return Postfix(1, smtpd_proxy_filter=f"127.0.0.1:{port_of(filter_.url)}")


def counts(vigie: Vigie) -> dict[str, int]:
    found: dict[str, int] = vigie.status()["deliveries"]
    return found


def findings(vigie: Vigie) -> dict[str, dict[str, Any]]:
    return {finding["id"]: finding for finding in vigie.status()["findings"]}


def recipients(mailbox: Mailbox) -> Counter[str]:
    return Counter(str(mail["To"]) for mail in mailbox.mails)


def some_readers(count: int) -> list[str]:
    return [f"leser{n}@example.org" for n in range(count)]


@pytest.mark.parametrize("level", ["3.6", "2"], ids=["454", "554"])
def test_a_relay_that_denies_loses_no_mail_and_all_leave_when_it_allows_us(tmp_path: Path, level: str) -> None:
    readers = some_readers(5)
    with Mailbox() as mailbox, Postfix(port_of(mailbox.url), mynetworks="", compatibility_level=level) as relay:
        with mailing(tmp_path, relay, readers) as vigie:
            told = wait_until(lambda: findings(vigie).get("relay.refuses"), 60, "status says that we are refused")
            assert "Relay access denied" in told["reason"]
            assert told["weight"] == "red"
            time.sleep(30)  # some mails ask in the meantime
            assert (counts(vigie)["failed"], counts(vigie)["sent"]) == (0, 0)
            asked = relay.log.count("NOQUEUE: reject")
            assert 1 <= asked <= 12  # one at a time, and ever more seldom
            relay.set(mynetworks="127.0.0.0/8")
            vigie.command("deliveries", "release", "--all")
            wait_until(lambda: counts(vigie)["sent"] == len(readers), 30, "every mail out")
            wait_until(lambda: "relay.refuses" not in findings(vigie), 10, "the end of the finding")
            assert "suspended" not in vigie.command("people", "list")
        wait_until(lambda: len(mailbox.mails) >= len(readers), 30, "every mail in its mailbox")
    assert recipients(mailbox) == Counter(readers)


def test_ninety_mails_are_out_within_little_more_than_thirty_a_minute_allow(tmp_path: Path) -> None:
    readers = some_readers(90)
    limits = {
        "smtpd_client_message_rate_limit": "30",
        "anvil_rate_time_unit": "60s",
        "smtpd_client_event_limit_exceptions": "",
    }
    with Mailbox() as mailbox, Postfix(port_of(mailbox.url), **limits) as relay:
        with mailing(tmp_path, relay, readers) as vigie:
            wait_until(lambda: mailbox.mails, 60, "the first mail")
            began = time.monotonic()
            told = wait_until(lambda: findings(vigie).get("relay.limit"), 60, "status speaks of the limit")
            assert told["weight"] == "warning"
            wait_until(
                lambda: counts(vigie)["sent"] == len(readers), 216, "ninety mails in 1.2 times three minutes"
            )
            took = time.monotonic() - began
            print(f"90 mails in {took:.0f} s")  # noqa: T201 - what it took, for the record
            ledger = counts(vigie)
        wait_until(lambda: len(mailbox.mails) >= len(readers), 30, "every mail in its mailbox")
        assert "rate limit exceeded" in relay.log
    assert took <= 1.2 * 180
    assert (ledger["failed"], ledger["unknown"]) == (0, 0)
    assert recipients(mailbox) == Counter(readers)


def test_a_filter_that_takes_forty_seconds_gets_each_mail_once(tmp_path: Path) -> None:
    readers = some_readers(5)
    filter_ = ScriptedRelay(lambda command, _: time.sleep(LATE) if command == "." else None)
    with filter_, filtered(filter_) as relay, mailing(tmp_path, relay, readers) as vigie:
        wait_until(lambda: counts(vigie)["sent"] == len(readers), 180, "every mail taken")
        ledger = counts(vigie)
        assert vigie.stop() == [0]
    assert Counter(recipient for recipient, _ in filter_.taken) == Counter(readers)
    assert (ledger["failed"], ledger["unknown"]) == (0, 0)


def test_a_stop_while_the_filter_thinks_ends_within_ten_seconds(tmp_path: Path) -> None:
    filter_ = ScriptedRelay(lambda command, _: time.sleep(LATE) if command == "." else None)
    with filter_, filtered(filter_) as relay, mailing(tmp_path, relay, some_readers(1)) as vigie:
        wait_until(lambda: "." in filter_.asked, 60, "the filter has the mail")
        began = time.monotonic()
        assert vigie.stop() == [0]
        assert time.monotonic() - began < 10


def test_a_mailbox_that_does_not_exist_is_left_alone_and_the_others_get_their_mail(tmp_path: Path) -> None:
    readers = [*some_readers(4), GONE]
    known = " ".join(f"{{ {reader} = known }}" for reader in readers if reader != GONE)
    maps = {"relay_domains": "example.org", "relay_recipient_maps": f"inline:{{ {known} }}"}
    with Mailbox() as mailbox, Postfix(port_of(mailbox.url), **maps) as relay:
        with mailing(tmp_path, relay, readers) as vigie:
            wait_until(lambda: counts(vigie)["sent"] == 4, 60, "the mails of the others")
            wait_until(lambda: counts(vigie)["failed"] == 1, 30, "the mail that nobody can get")
            shown = vigie.command("people", "show", GONE)
            assert "User unknown in relay recipient table" in shown
            assert "suspended" in shown
            red = {name for name, finding in findings(vigie).items() if finding["weight"] == "red"}
            assert red == set()
            assert "mailbox.dead" in findings(vigie)
        wait_until(lambda: len(mailbox.mails) >= 4, 30, "every mail in its mailbox")
    assert recipients(mailbox) == Counter(readers[:-1])

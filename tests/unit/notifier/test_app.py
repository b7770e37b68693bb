"""The notifier as a service: from a record on the bus to a file in the mail folder, by its own loops."""

from email import message_from_bytes
from pathlib import Path

import pytest

from services.notifier.app import build, match_and_assign, purge_once
from services.notifier.assign import PEOPLE, assign
from services.notifier.senders import open_sender
from services.notifier.sink import FileSink
from services.notifier.smtp import SmtpRelay
from shared.bus import ARCHIVED, TOPICS
from shared.bus.sqlite import SqliteBus
from shared.clock import SystemClock
from shared.config import Settings
from shared.errors import Unprocessable
from shared.subscriptions import lifecycle
from shared.subscriptions.deliveries import counts
from shared.subscriptions.words import Kind, State
from shared.telemetry.facts import Weight
from shared.telemetry.notices import notices
from tests.fakes import FakeClock, a_store
from tests.mailing import KEYS, archive, assign_all, ledger, match, records, subscribe
from tests.pipeline.harness import wait_until


def test_an_archived_item_is_a_mail_within_seconds(tmp_path: Path) -> None:
    store, bus, settings = a_store(tmp_path), SqliteBus(tmp_path / "bus.db"), Settings(data_dir=tmp_path)
    bus.ensure_topics(TOPICS)
    subscribe(store)
    service = build(settings, store, bus, SystemClock())
    service.start()
    try:
        bus.publish(ARCHIVED, [record.message for record in records(archive(store, "one"))])
        mails = wait_until(lambda: list(settings.mail_dir.glob("*.eml")), 10, "a mail in the folder")
        assert message_from_bytes(mails[0].read_bytes())["To"] == "leser@example.org"
        wait_until(lambda: ledger(store)[0].state is State.SENT, 5, "the ledger says sent")
        assert all(loop.error is None for loop in service.health().values())
        assert bus.lag(ARCHIVED, "notifier") == 0
    finally:
        service.stop(5)
        bus.close()
        store.close()


def test_mails_that_reach_nobody_or_lead_nowhere_are_a_warning(tmp_path: Path) -> None:
    store, bus, said = a_store(tmp_path), SqliteBus(tmp_path / "bus.db"), []
    public = {"public_url": "https://vigie.example.org", "mail_from": "vigie@example.org"}
    relay = {**public, "smtp_url": "smtp://relay.example.org"}
    inside = {**relay, "public_url": ""}
    local = {**relay, "mail_from": "Vigie <vigie@localhost>"}
    for settings in ({}, public, relay, {**relay, "mail_only_to": ("@example.org",)}, relay, inside, local, {}):
        build(Settings(data_dir=tmp_path, **settings), store, bus, SystemClock())  # type: ignore[arg-type]
        with store.reading() as session:
            said.append([(notice.key, notice.weight) for notice in notices(session)])
    names = ("mails.files", "mails.chosen", "mails.links", "mails.sender")
    files, chosen, links, sender = ([(key, Weight.WARNING)] for key in names)
    assert said == [[], files, [], chosen, [], links, sender, [("mails.unset", Weight.RED)]]
    bus.close()
    store.close()


def test_a_stage_without_backlog_owes_nobody_a_delivery(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    subscribe(store)
    match_and_assign(store, 10)(records(archive(store, "one")))
    assert [one.state for one in ledger(store)] == [State.PENDING]
    store.close()


def test_an_event_that_cannot_be_read_is_unprocessable(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    (record,) = records(archive(store, "one"))
    sick = type(record)(
        record.topic, 0, 0, record.at, type(record.message)(record.message.key, b"{}", record.message.headers)
    )
    with pytest.raises(Unprocessable):
        match_and_assign(store, 10)([sick])
    store.close()


def test_the_settings_choose_between_relay_and_folder(tmp_path: Path) -> None:
    assert isinstance(open_sender(Settings(data_dir=tmp_path)), FileSink)
    assert isinstance(open_sender(Settings(data_dir=tmp_path, smtp_url="smtp://127.0.0.1:2525")), SmtpRelay)


def test_the_purge_takes_the_mail_file_along(tmp_path: Path) -> None:
    clock = FakeClock()
    store, settings = a_store(tmp_path, clock), Settings(data_dir=tmp_path)
    with store.writing() as session:
        lifecycle.request(session, clock.now(), "leser@example.org", "theme:ai", "daily", "de", keys=KEYS)
    settings.mail_dir.mkdir()
    (settings.mail_dir / f"{ledger(store)[0].id}.eml").write_text("To: leser@example.org")
    clock.advance(days=7)
    purge_once(settings, store)
    assert ledger(store) == ()
    assert list(settings.mail_dir.iterdir()) == []
    store.close()


def test_digests_that_are_due_wait_for_the_tick_and_news_goes_before_them(tmp_path: Path) -> None:
    clock = FakeClock()
    store = a_store(tmp_path, clock)
    for number in range(PEOPLE + 1):
        subscribe(store, f"a{number}@example.org", query="title:old", every="daily")
    subscribe(store, "news@example.org", query="title:new")
    match_and_assign(store, 10)(records(archive(store, "old", title="old")))
    clock.advance(days=1)
    match_and_assign(store, 10)(records(archive(store, "new", title="new")))
    assert [mail.kind for mail in ledger(store)] == [Kind.INSTANT]
    match(store, archive(store, "newer", title="new again"))
    assert assign(store, 10)
    assert [mail.kind for mail in ledger(store)] == [Kind.INSTANT] * 2
    assign_all(store)
    with store.reading() as session:
        assert counts(session)[State.PENDING] == PEOPLE + 3
    store.close()

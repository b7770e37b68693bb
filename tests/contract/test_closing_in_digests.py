"""What ends within 14 days of a digest stands in it, for whose query finds it. On both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.notifier.mime import Mail
from shared.items import Announced, Announcement, Purpose
from shared.store import Store
from tests.archived import a_verdict
from tests.fakes import FakeClock
from tests.mailing import archive, deliver_all, mail_through, match, subscribe

SLOT = date(2026, 3, 4)
HEADING = "== Fristen der nächsten 14 Tage"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 3, 3, 9, 0, tzinfo=UTC))


def call(store: Store, name: str, days: int, theme: str = "energy", purpose: Purpose = Purpose.BACKFILL) -> None:
    said = Announced(kind=Announcement.CALL, day=SLOT + timedelta(days=days), passage="Frist")
    archive(store, name, purpose, verdict=a_verdict(themes=(theme,), scores={theme: 0.9}, announced=(said,)))


def digest(store: Store, clock: FakeClock, language: str = "de") -> Mail:
    subscribe(store, every="daily", language=language)
    match(store, archive(store, "new"))
    clock.advance(hours=21)
    (mail,) = deliver_all(store)
    return mail


def named(mail: Mail) -> list[str]:
    part = mail.text.split(HEADING)[1].split("\n\n== ")[0].split("\n-- ")[0]
    return [line.partition(" · ")[2].split()[1] for line in part.splitlines() if " · " in line]


def test_calls_that_end_soon_are_named_the_nearest_first(store: Store, clock: FakeClock) -> None:
    for name, days in (("late", 15), ("edge", 14), ("over", -1), ("today", 0), ("soon", 3)):
        call(store, name, days)
    call(store, "other", 2, theme="health")
    mail = digest(store, clock)
    assert named(mail) == ["today", "soon", "edge"]
    assert "4. März 2026 · Meldung today (Institut A)" in mail.text
    assert "18. März 2026" in mail.html


def test_at_most_five_are_named(store: Store, clock: FakeClock) -> None:
    for number in range(7):
        call(store, f"call{number}", number)
    assert named(digest(store, clock)) == [f"call{number}" for number in range(5)]


def test_without_any_there_is_no_heading_and_no_mail_for_them_alone(store: Store, clock: FakeClock) -> None:
    call(store, "late", 20)
    assert HEADING not in digest(store, clock).text
    call(store, "soon", 3)
    clock.advance(days=1)
    assert deliver_all(store) == []


def test_what_the_digest_tells_stands_there_once_with_its_deadline(store: Store, clock: FakeClock) -> None:
    subscribe(store, every="daily")
    said = Announced(kind=Announcement.CALL, day=SLOT + timedelta(days=5), passage="Frist")
    match(store, archive(store, "new", verdict=a_verdict(announced=(said,))))
    clock.advance(hours=21)
    (mail,) = deliver_all(store)
    assert "Frist: 9. März 2026" in mail.text
    assert HEADING not in mail.text


def test_news_names_no_deadlines_of_others(store: Store) -> None:
    call(store, "soon", 3)
    subscribe(store, every="instant")
    (mail,) = mail_through(store, archive(store, "new"))
    assert "Meldung soon" not in mail.text

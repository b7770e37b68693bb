"""Software that dates every entry by the clock: such dates are no evidence, and are said to be none."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import count
from typing import Final

import pytest

from services.collector.honest import BUILT, FETCHED, MOVED_AS_ONE, MOVES
from services.collector.poll import Poller
from services.collector.robots import Robots
from shared.web.client import WebClient
from tests.unit.collector.conftest import SETTINGS, Bench

TITLES: Final = (
    "Energiespeicher für das Quartier geht in Betrieb",
    "Gemeinsames Labor für sichere Sprachmodelle",
    "Neue Professur für Robotik in der Pflege",
    "Wie Behörden offene Software einsetzen",
    "Ausschreibung für Rechenzeit verlängert",
    "Fachtag zur Cybersicherheit in Krankenhäusern",
)
HOUR: Final = timedelta(hours=1)


def feed(dates: list[datetime], built: datetime | None = None, titles: tuple[str, ...] = TITLES) -> str:
    items = "".join(
        f"<item><title>{title}</title><link>https://www.example.org/{title[:9]}</link>"
        f"<description>Zu {title}.</description><pubDate>{format_datetime(date)}</pubDate></item>"
        for title, date in zip(titles, dates, strict=True)
    )
    made = f"<lastBuildDate>{format_datetime(built)}</lastBuildDate>" if built else ""
    return f'<rss version="2.0"><channel><title>Haus</title>{made}{items}</channel></rss>'


def quick(bench: Bench) -> Poller:
    web = WebClient(SETTINGS, bench.clock)
    return Poller(bench.store, bench.bus, web, Robots(web, bench.clock), bench.clock, 300, pause=0.0)


def dated(bench: Bench, moment: datetime, titles: tuple[str, ...] = TITLES, built: datetime | None = None) -> None:
    bench.site.serve("/feed.xml", feed([moment] * len(titles), built, titles))


def test_a_feed_that_dates_everything_by_the_request_is_no_news_at_the_first_poll(bench: Bench) -> None:
    seconds = count()

    def now() -> Iterator[bytes]:
        yield feed([bench.clock.now() + timedelta(seconds=next(seconds))] * len(TITLES)).encode()

    bench.site.serve("/feed.xml", etag=False, stream=now)
    bench.add()
    bench.poll(poller=quick(bench))
    assert (bench.live(), sorted(bench.bulk())) == ([], sorted(TITLES))
    assert {item.published for item in bench.published(".bulk")} == {None}
    assert bench.health().date_problem == FETCHED
    row = bench.row()
    assert (row.gap, row.newest_published, row.complete_since) == (None, None, None)


def test_releases_that_an_opening_dates_alike_are_news(bench: Bench) -> None:
    dated(bench, bench.clock.now(), built=bench.clock.now())
    bench.add()
    bench.poll(poller=quick(bench))
    assert sorted(bench.live()) == sorted(TITLES)
    assert bench.health().date_problem is None
    assert bench.site.answers("/feed.xml") == [200, 200]  # the second one told


def test_the_date_of_the_build_in_all_entries_is_that_of_none(bench: Bench) -> None:
    built = bench.clock.now() - 5 * HOUR
    dated(bench, built, built=built)
    bench.add()
    bench.poll()
    assert (bench.live(), len(bench.bulk())) == ([], len(TITLES))
    assert bench.health().date_problem == BUILT


def test_one_date_of_all_that_was_another_before_is_none_and_what_is_new_counts_from_when_it_is_seen(
    bench: Bench,
) -> None:
    dated(bench, bench.clock.now() - 60 * HOUR)
    bench.add()
    bench.poll()
    bench.clock.advance(days=9)
    dated(bench, bench.clock.now() - 150 * HOUR, (*TITLES, "Zehn junge Firmen ziehen in das Zentrum ein"))
    bench.poll()
    (new,) = bench.published()  # and not held, as what is dated long before the last visit is
    assert (new.title[:4], new.published) == ("Zehn", None)
    assert (bench.health().date_problem, bench.health().held) == (MOVED_AS_ONE, 0)


@pytest.mark.parametrize("ahead", [timedelta(days=-2), timedelta(hours=5)])
def test_dates_that_move_with_the_time_are_none_in_the_future_too(bench: Bench, ahead: timedelta) -> None:
    dates = [bench.clock.now() + ahead - n * 3 * HOUR for n in range(len(TITLES))]
    bench.site.serve("/feed.xml", feed(dates))
    bench.add()
    bench.poll()
    assert bench.health().date_problem is None
    bench.clock.advance(hours=7)
    bench.site.serve("/feed.xml", feed([date + 7 * HOUR for date in dates]))
    bench.poll()
    assert bench.health().date_problem == MOVES
    assert (bench.row().gap, bench.row().newest_published) == (None, None)


def test_an_edit_in_such_a_feed_keeps_the_date_that_was_seen_first(bench: Bench) -> None:
    first = bench.clock.now() - 60 * HOUR
    dated(bench, first)
    bench.add()
    bench.poll()
    bench.clock.advance(days=1)
    changed = ("Energiespeicher für das Quartier geht später in Betrieb", *TITLES[1:])
    dated(bench, bench.clock.now() - 50 * HOUR, changed)
    bench.poll()
    assert bench.published(".bulk")[-1].title == changed[0]
    assert bench.published(".bulk")[-1].published == first


def test_dates_are_believed_again_once_they_stay(bench: Bench) -> None:
    dated(bench, bench.clock.now() - 60 * HOUR)
    bench.add()
    bench.poll()
    for new in ("Zehn junge Firmen ziehen ein", "Ein Rechner zieht um", "Drei Preise für die Lehre"):
        bench.clock.advance(days=3)
        dated(bench, bench.clock.now() - 40 * HOUR, (*TITLES, new))
        bench.poll()
        assert bench.health().date_problem in (MOVES, MOVED_AS_ONE)
    stays = [bench.clock.now() - 40 * HOUR - n * HOUR for n in range(4)]
    titles = ("Vier neue Geräte", "Fünf neue Räume", "Sechs neue Kurse", "Sieben neue Bücher")
    bench.site.serve("/feed.xml", feed(stays, titles=titles))
    bench.poll()
    assert bench.health().date_problem in (MOVES, MOVED_AS_ONE)  # nothing is known of any of these
    bench.clock.advance(days=1)
    bench.site.serve("/feed.xml", feed([bench.clock.now(), *stays[1:]], titles=("Acht neue Lampen", *titles[1:])))
    bench.poll()
    assert bench.health().date_problem is None
    assert bench.row().newest_published == bench.clock.now()


def test_a_zone_that_is_put_right_is_no_movement(bench: Bench) -> None:
    dates = [bench.clock.now() - n * 30 * HOUR for n in range(1, len(TITLES) + 1)]
    bench.site.serve("/feed.xml", feed(dates))
    bench.add()
    bench.poll()
    bench.clock.advance(days=1)
    bench.site.serve("/feed.xml", feed([date + HOUR for date in dates]))
    bench.poll()
    assert bench.health().date_problem is None

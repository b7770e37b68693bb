"""Looking back: what a source published before it was watched comes into the archive, and nobody is told of it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from services.collector.backfill.looking import LookBack, Step
from services.collector.backfill.paging import next_of_feed, next_of_page
from services.collector.backfill.plan import NOTHING_OLDER, REACHED, complete_from, shown_from
from services.collector.robots import Robots
from shared.bus import BULK, Bus, Message
from shared.errors import BusUnavailable, Conflict, FetchFailed, NotFound
from shared.sources.look_backs import look_back_of
from shared.web.client import Fetched, WebClient
from tests.archives import ADDRESSES, releases, serve_feed, serve_listing, serve_sitemaps
from tests.articles import SENTENCES
from tests.articles import article as page_of
from tests.pipeline.feeds import Entry, rss
from tests.unit.collector.conftest import SETTINGS, Bench

COUNT = 40  # releases, one every fifth day


def look_back(bench: Bench, **how: Any) -> LookBack:
    web = WebClient(SETTINGS, bench.clock)
    values = {"bus": bench.bus, "dry": False, "texts": True} | how
    return LookBack(
        bench.store,
        values["bus"],
        web,
        Robots(web, bench.clock),
        bench.clock,
        dry=values["dry"],
        texts=values["texts"],
    )


def looked(bench: Bench, since: datetime, *, way: str = "", most: int = 1000, **how: Any) -> list[Step]:
    return list(look_back(bench, **how).steps("haus", since, way and bench.site.url(way), most))


def ago(bench: Bench, **by: float) -> datetime:
    return bench.clock.now() - timedelta(**by)


def watched(bench: Bench, path: str, **keys: Any) -> None:
    bench.add("haus", path, **keys)
    bench.poll()


# ---- the ways back


@pytest.mark.parametrize("software", list(ADDRESSES))
def test_a_listing_is_followed_page_by_page_to_the_day_that_was_asked_for(bench: Bench, software: str) -> None:
    every = releases(bench.clock.now(), COUNT)
    path = serve_listing(bench.site, software, every, 8)
    watched(bench, path, kind="listing")
    first = len(bench.published()) + len(bench.published(BULK))
    assert first == 8
    steps = looked(bench, ago(bench, days=5 * 20 + 1))
    assert steps[-1].ended == REACHED
    old = bench.published(BULK)[first - len(bench.published()) :]
    assert sorted(item.title for item in old) == sorted(one.title for one in every[8:21])
    assert bench.row().complete_since == ago(bench, days=5 * 20 + 1)
    assert len(bench.published()) == 1, "nothing is told to anybody but what the poll found fresh"


def test_the_last_page_of_a_listing_ends_a_look_back(bench: Bench) -> None:
    every = releases(bench.clock.now(), COUNT)
    watched(bench, serve_listing(bench.site, "drupal", every, 8), kind="listing")
    steps = looked(bench, ago(bench, days=3650))
    assert (steps[-1].ended, len(steps)) == (NOTHING_OLDER, 5)
    assert len(bench.published()) + len(bench.published(BULK)) == COUNT
    assert bench.row().items == COUNT
    assert bench.row().complete_since == ago(bench, days=3650)


def only_part(_: int) -> str:
    return ""


RFC_5005 = '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="{}" href="/feed/?paged={}"/>'
FEEDS = {
    "rfc 5005 paged": lambda n: RFC_5005.format("next", n + 1) if n else "",
    "rfc 5005 archived": lambda n: RFC_5005.format("prev-archive", n + 1) if n else "",
    "wordpress": lambda _: "<generator>https://wordpress.org/?v=6.7.1</generator>",
}


@pytest.mark.parametrize("kind", list(FEEDS))
def test_a_feed_is_followed_where_it_has_older_parts(bench: Bench, kind: str) -> None:
    every = releases(bench.clock.now(), COUNT)
    bench.site.serve("/feed/?paged=6", b"nothing", status=404)
    watched(bench, serve_feed(bench.site, every, 8, FEEDS[kind]))
    steps = looked(bench, ago(bench, days=3650))
    assert steps[-1].ended == NOTHING_OLDER
    assert steps[-1].problem == "", "the page behind the last one of WordPress is no trouble"
    assert len(bench.published()) + len(bench.published(BULK)) == COUNT


def test_a_sitemap_is_followed_to_the_pages_that_it_lists(bench: Bench) -> None:
    every = releases(bench.clock.now(), COUNT)
    bench.site.serve(
        "/feed.xml", rss([Entry("presse/meldung-40", every[0].title, "Text.", every[0].at)], bench.site.url()[:-1])
    )
    watched(bench, "/feed.xml")
    steps = looked(bench, ago(bench, days=5 * 30), way=serve_sitemaps(bench.site, every, 12))
    assert steps[-1].ended == NOTHING_OLDER
    assert sorted(item.title for item in bench.published(BULK)) == sorted(one.title for one in every[1:31])
    assert bench.site.asked("/sitemap-3.xml") == [], "what changed last before the day is not asked for"
    assert bench.site.asked(every[35].path) == []


def test_a_source_that_is_a_sitemap_is_read_beyond_what_its_first_visit_took_for_old(bench: Bench) -> None:
    every = releases(bench.clock.now(), COUNT)
    watched(bench, serve_sitemaps(bench.site, every, 12), kind="sitemap")
    before = len(bench.published()) + len(bench.published(BULK))
    assert before == 30, "what one visit fetches"
    looked(bench, ago(bench, days=3650))
    assert len(bench.published()) + len(bench.published(BULK)) == COUNT
    assert [len(bench.site.asked(one.path)) for one in every] == [1] * COUNT


def test_a_feed_without_older_parts_proves_only_what_it_shows(bench: Bench) -> None:
    every = releases(bench.clock.now(), 10)
    watched(bench, serve_feed(bench.site, every, 10, only_part))
    assert bench.row().complete_since == every[-1].at.replace(microsecond=0), (
        "a feed in order shows all since its last"
    )
    (step,) = looked(bench, ago(bench, days=900))
    assert (step.ended, step.sent) == (NOTHING_OLDER, 0)
    assert bench.row().complete_since == every[-1].at


def test_another_way_back_may_be_named(bench: Bench) -> None:
    every = releases(bench.clock.now(), COUNT)
    watched(bench, serve_feed(bench.site, every[:10], 10, only_part))
    looked(bench, ago(bench, days=3650), way=serve_listing(bench.site, "wordpress", every, 8))
    assert len(bench.published()) + len(bench.published(BULK)) == COUNT
    ids = [item.item_id for item in (*bench.published(), *bench.published(BULK))]
    assert len(set(ids)) == COUNT, "what the feed brought is known on the page, too"


# ---- what it must not do


def test_what_is_fresh_is_left_to_the_polls_which_tell_people(bench: Bench) -> None:
    every = releases(bench.clock.now(), 16, timedelta(hours=9))
    path = serve_listing(bench.site, "typo3", every[4:], 8)
    watched(bench, path, kind="listing")
    before = len(bench.published())
    serve_listing(bench.site, "typo3", every, 8)
    steps = looked(bench, ago(bench, days=30))
    assert [(step.left_to_polls, step.sent) for step in steps] == [(8, 0), (0, 4)]
    bench.clock.advance(hours=1)
    bench.poll()
    assert len(bench.published()) == before + 4, "the four that came since the last poll are live"


def test_on_another_way_back_what_the_next_poll_may_bring_is_left_to_it(bench: Bench) -> None:
    every = releases(bench.clock.now(), 24, timedelta(hours=9))
    watched(bench, serve_feed(bench.site, every[4:12], 8, only_part))
    steps = looked(bench, ago(bench, days=30), way=serve_listing(bench.site, "typo3", every, 8))
    taken = {title for step in steps for title in step.titles}
    assert not taken & {one.title for one in every[:4]}
    assert taken == {one.title for one in every[12:]}


def test_entries_without_a_date_on_the_polled_page_are_left_to_the_polls_and_older_pages_are_taken(
    bench: Bench,
) -> None:
    every = releases(bench.clock.now(), 24)
    path = serve_listing(bench.site, "drupal", every[8:], 8, dated=False)
    bench.add("haus", path, kind="listing", listing={"item": "li.teaser"})
    bench.poll()
    serve_listing(bench.site, "drupal", every, 8, dated=False)
    steps = looked(bench, ago(bench, days=30))
    assert [step.left_to_polls for step in steps] == [8, 0, 0]
    assert steps[2].sent == 8
    assert bench.row().complete_since == ago(bench, days=30)


def test_an_old_page_makes_no_revision_of_what_is_known(bench: Bench) -> None:
    every = releases(bench.clock.now(), COUNT)
    watched(bench, serve_feed(bench.site, every, COUNT, only_part))
    steps = looked(bench, ago(bench, days=3650), way=serve_listing(bench.site, "plone", every, 8))
    assert sum(step.sent for step in steps) == 0
    assert len(bench.published()) + len(bench.published(BULK)) == COUNT


def test_a_dry_run_reads_and_writes_nothing(bench: Bench) -> None:
    every = releases(bench.clock.now(), COUNT)
    watched(bench, serve_listing(bench.site, "drupal", every, 8), kind="listing")
    before = (len(bench.published(BULK)), bench.row().items, bench.row().complete_since)
    steps = looked(bench, ago(bench, days=3650), dry=True)
    assert sum(step.sent for step in steps) == COUNT - 8
    assert steps[1].titles[-1] == every[8].title
    assert (len(bench.published(BULK)), bench.row().items, bench.row().complete_since) == before
    with bench.store.reading() as session:
        assert look_back_of(session, "haus") is None


def test_robots_txt_is_obeyed_on_every_page(bench: Bench) -> None:
    every = releases(bench.clock.now(), COUNT)
    bench.site.serve("/robots.txt", "User-agent: *\nDisallow: /presse/page/3", content_type="text/plain")
    watched(bench, serve_listing(bench.site, "wordpress", every, 8), kind="listing")
    steps = looked(bench, ago(bench, days=3650))
    assert "robots.txt forbids" in steps[-1].problem
    assert bench.site.asked("/presse/page/3/") == []
    assert bench.row().complete_since != ago(bench, days=3650), "with a page that nobody read nothing is proved"


def test_a_page_that_paging_leads_back_to_itself_ends_it(bench: Bench) -> None:
    every = releases(bench.clock.now(), 8)
    serve_listing(bench.site, "plone", every, 8)
    body = bench.site._routes["/presse"].body.decode().replace("</main>", '<a rel="next" href="?p=2">x</a></main>')
    bench.site.serve("/presse", body, content_type="text/html")
    watched(bench, "/presse", kind="listing")
    steps = looked(bench, ago(bench, days=3650))
    assert (len(steps), steps[-1].ended) == (2, "the next page shows the same entries again")


# ---- interrupted, repeated, in the way of others


class DyingBus:
    """A bus that takes so many batches, and then dies with the process."""

    def __init__(self, bus: Bus, batches: int) -> None:
        self._bus, self._left = bus, batches

    def publish(self, topic: str, messages: Sequence[Message]) -> None:
        if not self._left:
            raise BusUnavailable("killed")
        self._left -= 1
        self._bus.publish(topic, messages)


@pytest.mark.parametrize("batches", [1, 2, 3, 4])
def test_one_that_was_killed_goes_on_where_it_was_and_doubles_nothing(bench: Bench, batches: int) -> None:
    every = releases(bench.clock.now(), COUNT)
    watched(bench, serve_listing(bench.site, "drupal", every, 8), kind="listing")
    since = ago(bench, days=3650)
    with pytest.raises(BusUnavailable):
        looked(bench, since, bus=cast(Bus, DyingBus(bench.bus, batches)))
    asked = len(bench.site.asked("/presse"))
    looked(bench, since)
    assert len(bench.site.asked("/presse")) == asked, "what was read and remembered is not read again"
    ids = [item.item_id for item in (*bench.published(), *bench.published(BULK))]
    assert len(ids) == len(set(ids)) == COUNT
    assert bench.row().complete_since == since


def test_one_that_was_bounded_goes_on_at_the_next_run(bench: Bench) -> None:
    every = releases(bench.clock.now(), COUNT)
    watched(bench, serve_listing(bench.site, "drupal", every, 8), kind="listing")
    since = ago(bench, days=3650)
    assert [step.ended for step in looked(bench, since, most=2)] == ["", ""]
    assert bench.row().complete_since != since
    assert len(looked(bench, since)) == 3
    assert bench.row().items == COUNT


def test_a_server_that_is_out_of_reach_stops_it_and_the_next_run_goes_on(bench: Bench) -> None:
    every = releases(bench.clock.now(), COUNT)
    watched(bench, serve_listing(bench.site, "drupal", every, 8), kind="listing")
    third = bench.site._routes["/presse?page=2"].body
    bench.site.serve("/presse?page=2", status=503)
    since = ago(bench, days=3650)
    with pytest.raises(FetchFailed, match="503"):
        looked(bench, since)
    bench.site.serve("/presse?page=2", third, content_type="text/html")
    looked(bench, since)
    assert bench.row().items == COUNT


def test_full_texts_are_fetched_for_sources_whose_terms_allow_it(bench: Bench) -> None:
    every = releases(bench.clock.now(), 10)
    for one in every:
        text = (f"Über das Vorhaben {one.title} berichtet das Institut.", *SENTENCES)
        bench.site.serve(one.path, page_of(text, title=one.title), content_type="text/html")
    watched(bench, serve_listing(bench.site, "drupal", every, 5), kind="listing", full_text=True)
    looked(bench, ago(bench, days=3650))
    assert [item.text_from for item in bench.published(BULK)[-5:]] == ["page"] * 5
    assert bench.row().pages_read == 6


def test_a_source_that_was_never_read_must_be_polled_first(bench: Bench) -> None:
    bench.add()
    with pytest.raises(Conflict, match="poll it first"):
        looked(bench, ago(bench, days=30))
    with pytest.raises(NotFound):
        list(look_back(bench).steps("niemand", ago(bench, days=30)))


# ---- the rules by themselves


def page(body: str, url: str = "https://www.example.org/presse") -> Fetched:
    return Fetched(url, 200, f"<html><body>{body}</body></html>".encode(), "text/html")


@pytest.mark.parametrize(
    ("body", "onward"),
    [
        ('<a href="/presse?p=2">Weiter</a>', "/presse?p=2"),
        ('<a href="/presse?p=2">weiter »</a>', "/presse?p=2"),
        ('<a href="?p=2">Page suivante</a>', "/presse?p=2"),
        ('<a href="?p=2" aria-label="Nächste Seite"><svg></svg></a>', "/presse?p=2"),
        ('<a href="?p=2">Ältere Beiträge</a>', "/presse?p=2"),
        ('<a href="?p=2">&gt;</a><a href="?p=9">&gt;&gt;</a>', "/presse?p=2"),
        ('<ul><li>1</li><li><a href="?p=2">2</a></li><li><a href="?p=9">9</a></li></ul>', "/presse?p=2"),
        ('<link rel="next" href="/presse/seite/2">', "/presse/seite/2"),
        ('<a href="/meldung-7">Weiterlesen</a>', None),
        ('<a href="/meldung-7">weiter zur Meldung</a>', None),
        ('<a href="https://andere.example/presse?p=2" rel="next">Weiter</a>', None),
        ('<a href="/presse">Weiter</a>', None),
        ('<a href="#">Mehr laden</a><a href="javascript:more()">Weiter</a>', None),
        ('<li class="prev"><a href="?p=0">‹</a></li>', None),
        ('<p><a href="/jahr/2024">2024</a></p>', None),
    ],
)
def test_the_next_page_is_told_from_other_links(body: str, onward: str | None) -> None:
    found = next_of_page(page(body), 1)
    assert (found and found.url) == (onward and f"https://www.example.org{onward}")


def test_a_feed_that_names_no_older_part_has_none() -> None:
    entry = b'<entry><link rel="next" href="/comments"/></entry>'
    assert next_of_feed(Fetched("https://example.org/f", 200, b"<feed>" + entry + b"</feed>"), 1) is None
    assert next_of_feed(Fetched("https://example.org/f", 200, b'{"next_url": 7}'), 1) is None
    assert next_of_feed(Fetched("https://example.org/f", 200, b'{"next_url": "/f?c=2"}'), 1) is not None
    assert next_of_feed(Fetched("https://example.org/f", 200, b"{"), 1) is None


DAY = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ended", "documents", "oldest", "complete"),
    [
        (REACHED, 3, DAY, DAY - timedelta(days=9)),
        (NOTHING_OLDER, 3, None, DAY - timedelta(days=9)),
        (NOTHING_OLDER, 1, DAY, DAY),
        (NOTHING_OLDER, 1, None, None),
        ("the next page shows the same entries again", 5, DAY, None),
        ("", 5, DAY, None),
    ],
)
def test_a_source_is_called_complete_only_where_its_pages_say_so(
    ended: str, documents: int, oldest: datetime | None, complete: datetime | None
) -> None:
    assert complete_from(DAY - timedelta(days=9), oldest, ended, documents) == complete


def test_a_document_shows_all_since_its_last_date_only_where_the_newest_stands_first() -> None:
    def dates(*days: int | None) -> list[datetime | None]:
        return [None if day is None else DAY + timedelta(days=day) for day in days]

    assert shown_from(dates(3, 2, 2, 0)) == DAY
    assert shown_from(dates(3, 0, 2)) is None
    assert shown_from(dates(3, None, 0)) is None
    assert shown_from([]) is None

"""The demonstration's press: enough to see, in three languages, marked as invented, served as publishers do."""

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPResponse
from typing import Final
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from services.cli.demo_site import render
from services.cli.demo_site.server import Press
from services.cli.demo_site.texts import Feed, News, load_feeds, load_news, with_news
from shared.items import LANGUAGES
from shared.sources.catalogue import source_config

NOW: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FEEDS: Final = load_feeds(NOW)


@pytest.fixture
def press() -> Iterator[Press]:
    press = Press(FEEDS)
    yield press
    press.close()


def _get(press: Press, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection(urlsplit(press.base).netloc, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def test_there_is_enough_to_see_in_all_three_languages() -> None:
    assert len(FEEDS) >= 6
    assert {feed.language for feed in FEEDS} == set(LANGUAGES)
    assert all(len(feed.texts) >= 8 for feed in FEEDS)
    assert len(load_news()) >= 40


def test_every_feed_has_something_fresh_and_something_old() -> None:
    for feed in FEEDS:
        ages = [NOW - text.published for text in feed.texts]
        assert min(ages) < timedelta(hours=48) < max(ages), feed.id


def test_the_news_have_a_feed_and_an_edit_says_something_else_than_before() -> None:
    feeds = {feed.id: feed for feed in FEEDS}
    edits = 0
    for news in load_news():
        before = next((text for text in feeds[news.feed].texts if text.slug == news.slug), None)
        edits += before is not None
        assert before is None or before.text != news.text
        feeds[news.feed] = with_news(feeds[news.feed], news, NOW)
    assert edits >= 1


def test_one_release_comes_from_two_sources_word_for_word() -> None:
    texts = [(news.title, news.text) for news in load_news()]
    assert len(set(texts)) < len(texts)


def test_an_edit_keeps_its_date_and_a_new_text_gets_the_present_one() -> None:
    feed = FEEDS[0]
    old = feed.texts[-1]
    edited = with_news(feed, News(feed.id, old.slug, old.title, "anders"), NOW)
    assert next(text for text in edited.texts if text.slug == old.slug).published == old.published
    assert with_news(feed, News(feed.id, "neu", "Neu", "…"), NOW).texts[0].published == NOW


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.id)
def test_a_feed_is_well_formed_and_says_that_it_is_invented(feed: Feed) -> None:
    _, document = render.render_feed("http://127.0.0.1:1", feed)
    ElementTree.fromstring(document)
    assert document.decode().count(render.INVENTED[feed.language].strip("()")) == len(feed.texts)


def test_the_sources_file_is_one_that_the_catalogue_takes() -> None:
    blocks = tomllib.loads(render.render_sources("http://127.0.0.1:1", FEEDS))["source"]
    assert [source_config(block, "demo").id for block in blocks] == [feed.id for feed in FEEDS]


def test_an_unchanged_feed_answers_304_and_a_changed_one_200(press: Press) -> None:
    path = f"/{FEEDS[0].id}/feed.xml"
    first, document = _get(press, path)
    etag = str(first.getheader("ETag"))
    assert first.status == 200
    assert document
    assert _get(press, path, **{"If-None-Match": etag})[0].status == 304
    press.publish(News(FEEDS[0].id, "neu", "Neu", "Ganz neu."), NOW)
    assert _get(press, path, **{"If-None-Match": etag})[0].status == 200


def test_every_link_of_a_feed_leads_to_its_text(press: Press) -> None:
    url = press.publish(News("cote", "neuf", "Tout neuf", "Un texte."), NOW)
    response, page = _get(press, urlsplit(url).path)
    assert response.status == 200
    assert "Tout neuf" in page.decode()
    assert _get(press, "/cote/nothing")[0].status == 404

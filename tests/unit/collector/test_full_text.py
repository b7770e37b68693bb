"""The words of an article's page: fetched before the first event where everybody allows it, never a hindrance."""

import re
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from services.collector.fulltext.filling import FullText
from services.collector.fulltext.plan import with_text
from services.collector.fulltext.reader import Reader
from services.collector.record import Status
from services.collector.robots import Robots
from shared.config import environment_with
from shared.errors import FetchFailed, NotAFeed
from shared.items import CollectedItem
from shared.web.client import Fetched, WebClient
from tests.articles import CONTACT, SENTENCES, TITLE, article, pdf, scan
from tests.pipeline.feeds import Entry, rss
from tests.unit.collector.conftest import SETTINGS, Bench

HTML = "text/html; charset=utf-8"
SUMMARY = "Ein Energiespeicher für das Stadtquartier."
TELLING = "Quecksilberwaage"  # stands on the page only


def serve_feed(bench: Bench, *names: str, title: str = TITLE, text: str = SUMMARY) -> None:
    entries = [
        Entry(name, title if name == "a" else f"{title} ({name})", text, bench.clock.now()) for name in names
    ]
    bench.site.serve("/feed.xml", rss(entries, site=bench.site.url()[:-1]))


def polled(bench: Bench, **keys: Any) -> CollectedItem:
    """The one item of a source whose terms allow to read pages."""
    bench.add(**({"full_text": True} | keys))
    assert bench.poll() is Status.READ
    (item,) = bench.published()
    return item


def test_a_new_item_comes_with_the_text_of_its_page_and_without_its_press_contact(bench: Bench) -> None:
    serve_feed(bench, "a")
    bench.site.serve("/a", article((*SENTENCES, *CONTACT)), content_type=HTML)
    item = polled(bench)
    assert (item.title, item.summary, item.text_from, item.text_missing) == (TITLE, SUMMARY, "page", "")
    assert TELLING in item.text
    assert "Karriere" not in item.text, "what frames the article is no part of it"
    assert not any(word in item.text for word in ("Erika", "erika@", "1234"))
    health = bench.health()
    assert (health.reads_pages, health.pages_read, health.pages_missed) == (True, 1, 0)


@pytest.mark.parametrize("name", ["teaser-text", "Teaser", "news-teaser lead", "intro", "chapo", "abstract"])
def test_the_first_paragraph_is_part_of_the_text_whatever_it_is_called(bench: Bench, name: str) -> None:
    serve_feed(bench, "a")
    other = '<div class="teaser"><a href="/b"><p>Neues Labor für sichere Sprachmodelle im Saarland</p></a></div>'
    words = "Zum ersten Mal speichert ein Stadtquartier seinen Strom im eigenen Keller."
    lead = f'<div class="{name}"><p>{words}</p></div>'
    page = article(more=other).replace("</h1>", f"</h1>{lead}")
    bench.site.serve("/a", page, content_type=HTML)
    text = polled(bench).text
    assert "im eigenen Keller" in text
    assert "Sprachmodelle" not in text


def test_the_hash_that_tells_a_change_is_that_of_the_feeds_words(bench: Bench) -> None:
    serve_feed(bench, "a")
    bench.site.serve("/a", article(), content_type=HTML)
    with_page = polled(bench)
    bench.add("schlicht", "/feed.xml?plain")
    bench.poll("schlicht")
    assert with_page.content_hash == bench.published()[1].content_hash


def test_a_page_that_changes_makes_no_event_and_is_not_fetched_again(bench: Bench) -> None:
    serve_feed(bench, "a")
    bench.site.serve("/a", article(), content_type=HTML)
    polled(bench)
    bench.site.serve("/a", article(("Alles ganz anders im Stadtquartier.", *SENTENCES)), content_type=HTML)
    bench.site.serve("/b", article(), content_type=HTML)
    bench.clock.advance(hours=4)
    serve_feed(bench, "b", "a")
    assert bench.poll() is Status.READ
    assert [item.url for item in bench.published()] == [bench.site.url("/a"), bench.site.url("/b")]
    assert len(bench.site.asked("/a")) == 1


def test_an_edit_by_the_feed_keeps_the_text(bench: Bench) -> None:
    serve_feed(bench, "a")
    bench.site.serve("/a", article(), content_type=HTML)
    first = polled(bench)
    serve_feed(bench, "a", text="Ein Energiespeicher für das ganze Stadtquartier.")
    bench.clock.advance(hours=1)
    bench.poll()
    second = bench.published()[1]
    assert (second.item_id, second.text) == (first.item_id, first.text)
    assert second.content_hash != first.content_hash


@pytest.mark.parametrize("keys", [{}, {"full_text": False}])
def test_no_page_is_asked_for_where_nobody_read_that_the_terms_allow_it(
    bench: Bench, keys: dict[str, Any]
) -> None:
    serve_feed(bench, "a")
    bench.site.serve("/a", article(), content_type=HTML)
    bench.add(**keys)
    bench.poll()
    (item,) = bench.published()
    assert (item.summary, item.text, item.text_from, item.text_missing) == (SUMMARY, "", "", "")
    assert bench.site.asked("/a") == []


def test_a_feed_that_says_it_all_costs_no_request(bench: Bench) -> None:
    serve_feed(bench, "a", text=" ".join(SENTENCES * 5))
    item = polled(bench)
    assert (item.text_from, item.text_missing) == ("", "")
    assert bench.site.asked("/a") == []


# ---- who stands against it

RESERVED = '[{"location": "/", "tdm-reservation": 1}]'
OPEN_PRESS = '[{"location": "/", "tdm-reservation": 1}, {"location": "/a*", "tdm-reservation": 0}]'
REFUSALS: list[tuple[str, dict[str, Any], str]] = [
    ("robots.txt", {"robots": "User-agent: *\nDisallow: /a"}, "robots.txt forbids"),
    ("tdmrep.json", {"tdmrep": RESERVED}, "tdmrep.json reserves"),
    ("header", {"headers": {"tdm-reservation": "1"}}, "header reserves"),
    ("meta", {"head": '<meta name="tdm-reservation" content="1">'}, "meta data reserve"),
    ("noai", {"head": '<meta name="robots" content="index, noai, noimageai">'}, "'noai'"),
    ("noindex", {"headers": {"X-Robots-Tag": "noindex"}}, "'noindex'"),
    ("max-snippet", {"head": '<meta name="robots" content="max-snippet:0">'}, "'nosnippet'"),
    ("named", {"headers": {"X-Robots-Tag": "otherbot: none, vigie: noarchive"}}, "'noarchive'"),
]
PERMISSIONS: list[dict[str, Any]] = [
    {"tdmrep": OPEN_PRESS},
    {"headers": {"tdm-reservation": "0"}},
    {"headers": {"tdm-reservation": "1"}, "head": '<meta name="tdm-reservation" content="0">'},
    {"headers": {"X-Robots-Tag": "otherbot: noindex, none"}},
    {"head": '<meta name="robots" content="noimageai, max-snippet:-1, nofollow">'},
    {"tdmrep": "no json"},
    {"tdmrep": '[{"location": "/fr/", "tdm-reservation": 1}, {"location": "*.zip$", "tdm-reservation": "1"}]'},
]


def serve_signals(
    bench: Bench, *, robots: str = "", tdmrep: str = "", headers: dict[str, str] | None = None, head: str = ""
) -> None:
    serve_feed(bench, "a")
    bench.site.serve("/a", article(head=head), content_type=HTML, headers=headers)
    if robots:
        bench.site.serve("/robots.txt", robots, content_type="text/plain")
    if tdmrep:
        bench.site.serve("/.well-known/tdmrep.json", tdmrep, content_type="application/json")


@pytest.mark.parametrize(("what", "signals", "said"), REFUSALS, ids=[case[0] for case in REFUSALS])
def test_a_reservation_is_kept_and_said(bench: Bench, what: str, signals: dict[str, Any], said: str) -> None:
    serve_signals(bench, **signals)
    item = polled(bench)
    assert (item.summary, item.text, item.text_from) == (SUMMARY, "", "")
    assert said in item.text_missing
    assert said in (bench.health().page_problem or "")
    assert bench.health().state == "ok"
    if what in ("robots.txt", "tdmrep.json"):
        assert bench.site.asked("/a") == [], "what a site forbids is not even asked for"


@pytest.mark.parametrize("signals", PERMISSIONS)
def test_what_reserves_nothing_of_ours_is_no_hindrance(bench: Bench, signals: dict[str, Any]) -> None:
    serve_signals(bench, **signals)
    assert polled(bench).text_from == "page"


def test_a_redirect_into_what_robots_forbid_is_not_followed(bench: Bench) -> None:
    serve_feed(bench, "a")
    bench.site.redirect("/a", "/intern/a")
    bench.site.serve("/intern/a", article(), content_type=HTML)
    bench.site.serve("/robots.txt", "User-agent: *\nDisallow: /intern/", content_type="text/plain")
    assert "robots.txt forbids" in polled(bench).text_missing
    assert bench.site.asked("/intern/a") == []


# ---- what goes wrong with pages


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"status": 404}, "404"),
        ({"status": 403}, "403"),
        ({"body": b""}, "empty"),
        ({"body": b"<p>" + b"x" * 8_000_001}, "larger than 8 MB"),
        ({"body": article(("Bitte stimmen Sie der Verwendung von Cookies zu. " * 9,))}, "something else"),
        ({"body": article(("Kurz.",))}, "shows no text"),
        ({"body": "<div>" * 100_000 + "Energiespeicher"}, "shows no text"),
        ({"body": b"\x00\xff\xfe" * 5000}, "its page"),
    ],
)
def test_a_page_that_gives_nothing_leaves_the_item_with_its_summary_and_says_why(
    bench: Bench, answer: dict[str, Any], said: str
) -> None:
    serve_feed(bench, "a")
    bench.site.serve("/a", **({"content_type": HTML} | answer))
    item = polled(bench)
    assert (item.title, item.summary, item.text) == (TITLE, SUMMARY, "")
    assert said in item.text_missing
    health = bench.health()
    assert (health.state, health.pages_read, health.pages_missed) == ("ok", 0, 1)


def test_a_slow_page_delays_nothing_beyond_the_deadline_and_its_host_is_left_alone(bench: Bench) -> None:
    serve_feed(bench, *"abcdef")
    for name in "abcdef":
        bench.site.serve(f"/{name}", article(), content_type=HTML, delay=20.0)
    bench.add()
    bench.poll()
    items = bench.published()
    web = WebClient(SETTINGS, bench.clock)
    began = time.monotonic()
    filled = FullText(web, Robots(web, bench.clock), bench.clock).fill(items, within=2.5)
    assert time.monotonic() - began < 15.0
    assert [item.title for item in filled] == [item.title for item in items]
    assert all(item.text_missing and not item.text for item in filled)
    assert sum(len(bench.site.asked(f"/{name}")) for name in "abcdef") == 1


def test_a_host_that_turns_one_page_away_is_asked_for_no_other_until_the_next_poll(bench: Bench) -> None:
    serve_feed(bench, *"abc")
    for name in "abc":
        bench.site.serve(f"/{name}", status=429, content_type=HTML)
    bench.add(full_text=True)
    bench.poll()
    assert sum("left alone" in item.text_missing for item in bench.published()) == 2
    assert sum(len(bench.site.asked(f"/{name}")) for name in "abc") == 1
    assert "429" in (bench.health().page_problem or "")


def test_a_turn_that_comes_too_late_is_not_waited_for(bench: Bench) -> None:
    web = WebClient(SETTINGS, bench.clock)
    web.pace.ask("institut.example", 60.0)
    assert web.pace.wait("institut.example") < 1.0
    began = time.monotonic()
    with pytest.raises(FetchFailed, match="next turn"):
        web.pace.wait("institut.example", most=5.0)
    assert time.monotonic() - began < 4.0


# ---- releases that are PDFs


@pytest.fixture
def page_with(bench: Bench) -> Callable[[bytes], CollectedItem]:
    """Polls a feed whose only entry leads to a page that says nothing but where its PDF is."""

    def read(document: bytes) -> CollectedItem:
        serve_feed(bench, "a")
        link = '<p><a href="/medien/release.pdf?v=2">Pressemitteilung herunterladen</a></p>'
        bench.site.serve("/a", article((), more=link), content_type=HTML)
        bench.site.serve("/medien/release.pdf", document, content_type="application/octet-stream")
        return polled(bench)

    return read


def test_a_release_that_its_page_only_links_to_is_read_from_the_pdf(
    page_with: Callable[[bytes], CollectedItem],
) -> None:
    item = page_with(pdf((*SENTENCES, *CONTACT), pages=4))
    assert (item.text_from, item.text_missing) == ("pdf", "")
    assert TELLING in item.text
    assert item.text.count("Institut Beispiel – Pressemitteilung") == 1, "the head of each page stands once"
    assert not re.search(r"Seite [234]|Erika|erika@|1234", item.text)


def test_an_entry_whose_own_link_is_a_pdf_is_read_from_it(bench: Bench) -> None:
    serve_feed(bench, "a")
    bench.site.serve("/a", pdf(), content_type="application/pdf")
    assert polled(bench).text_from == "pdf"


@pytest.mark.parametrize(
    "more",
    [
        '<enclosure url="/r.pdf" type="application/pdf" length="1"/>',
        '<enclosure url="/bild.jpg" type="image/jpeg" length="1"/><enclosure url="/r.pdf" type="" length="1"/>',
    ],
)
def test_a_pdf_in_the_entry_is_read_where_the_page_gives_nothing(bench: Bench, more: str) -> None:
    document = rss([Entry("a", TITLE, SUMMARY, bench.clock.now())], site=bench.site.url()[:-1]).decode()
    bench.site.serve("/feed.xml", document.replace("</item>", f"{more}</item>"))
    bench.site.serve("/r.pdf", pdf(), content_type="application/pdf")
    item = polled(bench)
    assert (item.text_from, bench.site.answers("/a")) == ("pdf", [404])


def test_a_pdf_that_the_entrys_text_links_to_is_read(bench: Bench) -> None:
    serve_feed(bench, "a", text='<p>Mehr im <a href="/dateien/r.pdf">PDF</a>.</p>')
    bench.site.serve("/dateien/r.pdf", pdf(), content_type="application/pdf")
    assert polled(bench).text_from == "pdf"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (scan(), "holds no text"),
        (pdf(password="geheim"), "password"),
        (b"%PDF-1.7\n" + b"\x00" * 5000, "broken"),
        (pdf()[:900], "broken"),
        (
            pdf(("Die Mensa hat heute ein anderes Essen auf der Karte als gestern. " * 6,), title="Speiseplan"),
            "else",
        ),
    ],
    ids=["scan", "locked", "rubbish", "cut", "other"],
)
def test_a_pdf_that_cannot_be_read_says_why(
    page_with: Callable[[bytes], CollectedItem], document: bytes, said: str
) -> None:
    item = page_with(document)
    assert (item.summary, item.text) == (SUMMARY, "")
    assert said in item.text_missing


def test_words_divided_at_a_line_end_are_whole_again(bench: Bench) -> None:
    serve_feed(bench, "a")
    bench.site.serve(
        "/a", pdf((*SENTENCES, "Es war ein Vor- und", "Nachteil der Energiespei-", "cher, sagt sie."))
    )
    text = polled(bench).text
    assert "Energiespeicher, sagt sie" in text
    assert "Vor- und\nNachteil" in text


# ---- what everything stands on


def test_a_document_that_breaks_or_holds_up_its_reader_costs_its_own_process_only() -> None:
    page = Fetched("https://institut.example/a", 200, article().encode(), HTML)
    with pytest.raises(NotAFeed, match="not read in"):
        Reader().read(page, seconds=0.05)
    assert TELLING in Reader().read(page, seconds=30.0).text


def test_the_reader_of_documents_knows_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_ADMIN_PASSWORD", "geheim")
    assert not [name for name in environment_with({}) if name.startswith("VIGIE_")]


def test_long_texts_are_cut_and_marked(bench: Bench) -> None:
    item = CollectedItem(item_id="i", source="s", title=TITLE, fetched_at=bench.clock.now(), content_hash="h")
    cut = with_text(item, "Speicher für Öfen. " * 20_000, "page")
    assert cut.truncated
    assert 199_000 < len(cut.text.encode()) <= 200_000
    assert not with_text(item, "Speicher", "page").truncated


def test_the_collector_starts_without_the_readers_of_documents() -> None:
    code = "import sys, services.collector.app; print([m for m in ('trafilatura', 'pypdf') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

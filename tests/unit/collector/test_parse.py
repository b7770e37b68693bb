"""From bytes to entries: what publishers send, and what must not hurt us."""

import gzip
import io
import time
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collector.dates import zone_of
from services.collector.entries import ParsedFeed
from services.collector.parse import parse_feed
from shared.errors import BadInput, FetchFailed, NotAFeed, Trouble

FEEDS = Path(__file__).parents[2] / "data" / "feeds"
SHARED = Path(__file__).parents[4] / "shared" / "feeds"
BASE = "https://www.example.org/presse/feed.xml"


def parsed(name: str) -> ParsedFeed:
    return parse_feed((FEEDS / name).read_bytes(), url=BASE, zone=zone_of("DE"))


def rss(inside: str, head: str = '<?xml version="1.0"?>') -> bytes:
    return f'{head}<rss version="2.0"><channel><title>x</title>{inside}</channel></rss>'.encode()


def test_a_german_feed_is_read_as_written() -> None:
    feed = parsed("rss20-de.xml")
    assert (feed.format, feed.language, feed.title) == ("rss20", "de", "Institut für Beispiele – Presse")
    assert (feed.site, feed.ttl) == ("https://www.example.org/presse/", 3600)
    first = feed.entries[0]
    assert first.title == 'Wärmenetz & Speicher: Institut prüft „Reallabor"'
    assert first.url == "https://www.example.org/presse/waermenetz?id=7"
    assert first.guid == "news-7"
    assert first.summary == "Das Institut prüft ein Wärmenetz."
    assert first.categories == ("Energie", "L'Europe")
    assert (first.published, first.published_raw) == (
        datetime(2026, 3, 12, 9, tzinfo=UTC),
        "Do, 12 Mär 2026 10:00:00 CET",
    )


def test_a_relative_link_a_date_without_zone_and_a_longer_text_are_understood() -> None:
    second = parsed("rss20-de.xml").entries[1]
    assert second.url == "https://www.example.org/presse/termin"
    assert second.published == datetime(2026, 3, 12, 13, 30, tzinfo=UTC)
    assert second.summary == "Sprache & Technik"
    assert second.text == "Sprache & Technik\nEin zweiter Absatz."


def test_relative_links_of_a_saved_feed_lead_to_where_it_says_that_it_is_from() -> None:
    entry = "<item><title>Eins</title><link>/presse/1</link></item>"
    (saved,) = parse_feed(rss(f"<link>https://www.example.org/presse/</link>{entry}")).entries
    assert saved.url == "https://www.example.org/presse/1"
    (nowhere,) = parse_feed(rss(entry)).entries
    assert nowhere.url is None


@pytest.mark.parametrize(("name", "number"), [("rss20-de.xml", 2), ("rss10-dcdate.xml", 0)])
def test_a_dc_date_is_the_date_of_publication(name: str, number: int) -> None:
    entry = parsed(name).entries[number]
    assert entry.published == datetime(2026, 3, 12 - number // 2, 8, tzinfo=UTC)
    assert entry.updated is None


def test_an_atom_feed_keeps_publication_and_update_apart() -> None:
    feed = parsed("atom10-fr.xml")
    first, second = feed.entries
    assert (feed.format, feed.language) == ("atom10", "fr")
    assert first.title == "L’intelligence artificielle à l’hôpital"
    assert first.url == "https://www.example.org/actualites/hopital"
    assert (first.published, first.updated) == (
        datetime(2026, 3, 12, 9, tzinfo=UTC),
        datetime(2026, 3, 12, 10, tzinfo=UTC),
    )
    assert (second.published, second.language) == (None, "en")
    assert second.summary == "Three wards take part."


def test_an_old_format_with_a_document_type_and_bare_ampersands_is_read() -> None:
    feed = parsed("rss091.xml")
    assert (feed.format, feed.language) == ("rss091", "fr")
    assert feed.entries[0].title == "Début de l'été & fin"


def test_a_json_feed_is_read() -> None:
    feed = parsed("feed11.json")
    assert (feed.format, feed.language, len(feed.entries)) == ("json11", "de", 2)
    first, second = feed.entries
    assert (first.guid, first.url, first.title) == ("5", "https://www.example.org/notizen/5", "Notiz & mehr")
    assert (first.summary, first.authors, first.categories) == ("Ein Absatz.", ("Redaktion",), ("Energie",))
    assert (second.language, second.summary, second.published) == ("fr", "Nur Text", None)


@pytest.mark.skipif(not SHARED.exists(), reason="the real feed documents are not part of the repository")
@pytest.mark.parametrize(
    ("name", "entries", "language"),
    [
        ("heise-atom", 150, None),
        ("tagesschau", 40, "de"),
        ("bbc", 27, "en"),
        ("sciences-et-avenir-2018", 46, "fr"),
        ("lemonde-2018", 21, None),
    ],
)
def test_real_documents_are_read_whole(name: str, entries: int, language: str | None) -> None:
    feed = parse_feed((SHARED / f"{name}.xml").read_bytes(), url="https://feeds.example.org/")
    assert (len(feed.entries), feed.language) == (entries, language)
    for entry in feed.entries:
        assert entry.title
        assert entry.published
        assert entry.url
        assert not any(mark in entry.url for mark in ("wt_mc", "xtor", "at_medium"))
        assert "<" not in entry.title + entry.summary


@pytest.mark.parametrize(
    "before",
    ["\n", "\ufeff", "\ufeff \r\n", "some text\n", "<br />\n<b>Warning</b>: date() in <b>/srv/x.php</b><br />\n"],
    ids=["newline", "mark", "mark and blanks", "text", "PHP warning"],
)
def test_what_stands_before_the_declaration_does_no_harm(before: str) -> None:
    feed = parse_feed(before.encode() + rss("<item><title>Grüße</title></item>"))
    assert [entry.title for entry in feed.entries] == ["Grüße"]


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "iso-8859-1"),
        ("cp1252", "utf-8"),
        ("cp1252", "iso-8859-1"),
        ("cp1252", "no-such-encoding"),
        ("cp1252", "unicode_escape"),
        ("iso-8859-15", "iso-8859-15"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-8"),
        ("utf-8-sig", "utf-16"),
    ],
)
def test_a_wrong_encoding_is_seen_through(encoding: str, declared: str) -> None:
    text = rss("<item><title>Énergie für Köln</title></item>", f'<?xml version="1.0" encoding="{declared}"?>')
    assert parse_feed(text.decode().encode(encoding)).entries[0].title == "Énergie für Köln"


def test_utf_8_with_one_broken_byte_stays_utf_8() -> None:
    body = rss("<item><title>Größe und Änderung für alle</title></item>").replace("für".encode(), b"f\xc3r")
    assert parse_feed(body).entries[0].title.startswith("Größe und Änderung f")


def test_an_empty_feed_is_a_feed() -> None:
    assert parse_feed(rss("")).entries == ()


def test_a_feed_that_breaks_off_gives_what_came() -> None:
    body = rss("<item><title>Eins</title></item><item><title>Zwei</title></item>")
    assert [e.title for e in parse_feed(body[: body.index(b"Zwei")]).entries][:1] == ["Eins"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (
            b"<!DOCTYPE html><html><head><title>Nicht gefunden</title></head></html>",
            "HTML page titled 'Nicht gefunden'",
        ),
        (b"<html><body><p>x</body></html>", "HTML page"),
        (b"\n<!-- x --><!doctype html>\n<title>x</title>", "HTML page"),
        (b"<html><body>write <rss version='2.0'> first</body></html>", "HTML page"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"Just words", "'Just words'"),
        (b"<?xml version='1.0'?><urlset/>", "sitemap"),
        (b"<opml version='2.0'/>", "OPML"),
        (b"<note>x</note>", "<note>"),
        (b"<rss version='2.0'><channel><item", "broken"),
        (b'{"version": 1}', "JSON"),
        (b'{"items": []}', "JSON"),
        (b"{", "JSON"),
        (b"[" * 100_000, "JSON"),
        (b"\x00\xff\x00\xfe\x89PNG", "not a feed"),
    ],
)
def test_what_is_no_feed_is_named(body: bytes, said: str) -> None:
    with pytest.raises(NotAFeed, match=said.replace("[", r"\[")):
        parse_feed(body)


def test_an_entity_bomb_is_refused_at_once_and_says_so() -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    doctype = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">{levels}]>'
    began = time.process_time()
    with pytest.raises(NotAFeed, match="entities made of other entities"):
        parse_feed(rss("<item><title>&l11;</title></item>", doctype))
    assert time.process_time() - began < 1


def test_an_external_entity_is_refused_unread(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("geheim", "utf-8")
    doctype = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    with pytest.raises(NotAFeed, match="or of files"):
        parse_feed(rss("<item><title>&x;</title></item>", doctype))


def test_plain_entities_of_a_document_are_no_bomb() -> None:
    doctype = '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY nbsp "&#160;"><!ENTITY firma "Haus">]>'
    assert len(parse_feed(rss("<item><title>Vom Haus</title></item>", doctype)).entries) == 1


def test_bytes_that_name_a_file_are_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_bytes(rss("<item><title>x</title></item>"))
    with pytest.raises(NotAFeed):
        parse_feed(str(path).encode())


def test_a_gzip_file_is_unpacked_up_to_the_limit() -> None:
    assert parse_feed(gzip.compress(rss(""))).format == "rss20"
    with pytest.raises(FetchFailed) as caught:
        parse_feed(gzip.compress(b" " * 20_000_000))
    assert caught.value.trouble is Trouble.TOO_LARGE


@pytest.mark.parametrize(
    "piece", ["<a", "<", "&", "<![CDATA[", "<!--", "<!a", "<?", "<a x='", "]]>", "&#", "<item>"]
)
@pytest.mark.parametrize("size", [29_000, 2_000_000])
def test_rubbish_in_bulk_takes_no_minutes(piece: str, size: int) -> None:
    began = time.process_time()
    with suppress(NotAFeed):
        parse_feed(rss(piece * (size if size < 30_000 else size // len(piece))))
    assert time.process_time() - began < 20


def test_a_large_feed_is_read_in_seconds() -> None:
    began = time.process_time()
    feed = parse_feed(rss("<item><title>x</title><link>https://www.example.org/1</link></item>" * 5_000))
    assert len(feed.entries) == 5_000
    assert time.process_time() - began < 20


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "file:///etc/passwd", "mailto:x@example.org", "http://[::1", ""]
)
def test_a_link_that_is_no_web_address_is_none(link: str) -> None:
    entry = parse_feed(rss(f"<item><title>x</title><link>{link}</link></item>"), url=BASE).entries[0]
    assert entry.url is None


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_our_own(body: bytes) -> None:
    with suppress(BadInput):
        parse_feed(body, url=BASE)


@settings(max_examples=300)
@given(
    name=st.sampled_from(["rss20-de.xml", "atom10-fr.xml", "rss10-dcdate.xml", "rss091.xml", "feed11.json"]),
    edits=st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 40), st.binary(max_size=8)), max_size=6),
)
def test_no_damaged_feed_raises_anything_but_our_own(name: str, edits: list[tuple[int, int, bytes]]) -> None:
    body = io.BytesIO((FEEDS / name).read_bytes()).getvalue()
    for at, cut, put in edits:
        body = body[:at] + put + body[at + cut :]
    try:
        feed = parse_feed(body, url=BASE)
    except BadInput:
        return
    for entry in feed.entries:
        assert entry.title == " ".join(entry.title.split())
        assert entry.published is None or entry.published.tzinfo is not None


@pytest.mark.parametrize("blank", [" ", "\xa0", "\n"])
def test_a_blank_in_the_name_of_a_name_space_costs_no_entry(blank: str) -> None:
    named = f'<rss version="2.0" xmlns:dc="http:{blank}//purl.org/dc/elements/1.1/"><channel><item>'
    document = f"{named}<title>T</title><dc:date>2026-03-11</dc:date></item></channel></rss>"
    (entry,) = parse_feed(document.encode()).entries
    assert (entry.title, str(entry.published_on)) == ("T", "2026-03-11")


def test_a_day_that_only_the_parser_reads_is_a_day_too() -> None:
    (entry,) = parse_feed(rss("<item><title>T</title><pubDate>2026-325</pubDate></item>")).entries
    assert (entry.published, entry.published_on) == (datetime(2026, 11, 21, tzinfo=UTC), date(2026, 11, 21))


@pytest.mark.parametrize(
    "dated",
    [
        "<pubDate>Invalid Date</pubDate><dc:date>2026-11-20</dc:date>",
        "<pubDate>2026</pubDate><dc:date>2026-11-20</dc:date>",
        "<prism:publicationDate>2026-11-20</prism:publicationDate>",
        "<dcterms:created>2026-11-20</dcterms:created>",
    ],
)
def test_a_date_that_says_nothing_leaves_the_word_to_another(dated: str) -> None:
    vocabularies = (
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"'
    )
    (entry,) = parse_feed(rss(f"<item {vocabularies}><title>Eins</title>{dated}</item>")).entries
    assert entry.published_on == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("a&lt;b und c&gt;d", "a<b und c>d"),
        ("Rechen&#173;zentrum", "Rechenzentrum"),
        ("Das &lt;b class=x&gt;neue&lt;/b&gt; Netz", "Das neue Netz"),
    ],
)
def test_a_title_is_what_a_reader_sees(written: str, title: str) -> None:
    (entry,) = parse_feed(rss(f"<item><title>{written}</title></item>")).entries
    assert entry.title == title


@pytest.mark.parametrize("true", ["true", "True", "TRUE"])
def test_a_permalink_is_one_however_true_is_spelt(true: str) -> None:
    guid = f'<guid isPermaLink="{true}">https://example.org/n/1</guid>'
    (entry,) = parse_feed(rss(f"<item><title>Eins</title><link/>{guid}</item>")).entries
    assert entry.url == "https://example.org/n/1"


def test_the_section_behind_a_summary_of_spip_is_no_part_of_it_in_plain_text_either() -> None:
    section = "&lt;a href='https://example.org/r' rel='directory'&gt;Actualités&lt;/a&gt;"
    (entry,) = parse_feed(
        rss(f"<item><title>Un</title><description>Le texte. - {section}</description></item>")
    ).entries
    assert entry.summary == "Le texte."


def test_a_json_feed_may_date_by_numbers_and_name_its_pages_by_their_ids_alone() -> None:
    items = '[{"id": "https://example.org/n/1", "title": "Eins", "date_published": 1763632800}]'
    feed = f'{{"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": {items}}}'
    (entry,) = parse_feed(feed.encode()).entries
    assert (entry.url, entry.published) == ("https://example.org/n/1", datetime(2025, 11, 20, 10, tzinfo=UTC))

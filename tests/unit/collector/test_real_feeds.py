"""What feeds of real publishing systems say, by small documents of the same shapes."""

import gzip
import zlib
from datetime import timedelta

import pytest

from services.collector.dates import zone_of
from services.collector.entries import ParsedEntry
from services.collector.parse import parse_feed
from shared.errors import FetchFailed
from shared.items import Purpose
from shared.web.body import read_body
from tests.unit.collector.test_decide import NEW_SOURCE, NOW, an_entry, plan, poll_after

BASE = "https://www.example.org/feed.xml"
MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom"'


def of_rss(inside: str, languages: tuple[str, ...] = ()) -> ParsedEntry:
    body = f'<rss version="2.0" {MEDIA}><channel><title>x</title><item>{inside}</item></channel></rss>'
    return parse_feed(body.encode(), url=BASE, zone=zone_of("DE"), languages=languages).entries[0]


def of_atom(inside: str, languages: tuple[str, ...] = ()) -> ParsedEntry:
    body = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><entry><id>1</id>{inside}</entry></feed>'
    return parse_feed(body.encode(), url=BASE, zone=zone_of("DE"), languages=languages).entries[0]


# ---- dates


@pytest.mark.parametrize(
    "written", ["2026", "2026-11", "Mon, 01 Jan 0001 00:00:00 +0000", "1970-01-01T00:00:00Z", "0"]
)
def test_a_date_that_cannot_be_trusted_is_none(written: str) -> None:
    entry = of_rss(f"<title>a</title><pubDate>{written}</pubDate>")
    assert (entry.published, entry.published_on, entry.published_raw) == (None, None, written)


@pytest.mark.parametrize("written", ["2026", "Mon, 01 Jan 0001 00:00:00 +0000", "1763632800000000"])
def test_a_date_that_cannot_be_trusted_holds_no_entry(written: str) -> None:
    entry = of_rss(f"<title>Ein Speicher geht in Betrieb</title><pubDate>{written}</pubDate>")
    made = poll_after(plan(an_entry()), entry)
    assert (len(made.live), made.held) == (1, ())


def test_a_day_without_a_time_is_the_publishers_day_in_the_event_too() -> None:
    entry = of_rss("<title>a</title><pubDate>Thu, 12 Mar 2026 00:00:00 +0100</pubDate>")
    item = plan(entry, source=NEW_SOURCE, now=NOW + timedelta(days=20)).bulk[0]
    assert str(item.published_on) == "2026-03-12"


# ---- text that is text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a&lt;b und das &lt;template&gt;-Element", "a<b und das <template>-Element"),
        ("&amp;lt;template&amp;gt;", "&lt;template&gt;"),
    ],
)
def test_what_atom_calls_text_is_text(written: str, read: str) -> None:
    assert of_atom(f'<title type="text">{written}</title>').title == read
    assert of_atom(f"<title>{written}</title>").title == read


def test_what_atom_calls_html_is_html() -> None:
    assert of_atom('<title type="html">a &amp;lt; b &lt;b&gt;fett&lt;/b&gt;</title>').title == "a < b fett"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Das &lt;template&gt;-Element und a&lt;b", "Das <template>-Element und a<b"),
        ("Ein &lt;b&gt;fetter&lt;/b&gt; Titel &amp;amp; mehr", "Ein fetter Titel & mehr"),
        ("Wenn a&lt;b, &lt;em&gt;dann&lt;/em&gt; &lt;foo&gt;", "Wenn a<b, dann <foo>"),
    ],
)
def test_rss_that_may_be_both_keeps_what_is_no_known_tag(written: str, read: str) -> None:
    entry = of_rss(f"<title>{written}</title><description>{written}</description>")
    assert (entry.title, entry.summary) == (read, read)


def test_titles_of_a_json_feed_are_text() -> None:
    item = b'{"id": "1", "title": "a<b, &lt;x&gt; &amp; L&#8217;eau"}'
    body = b'{"version": "https://jsonfeed.org/version/1.1", "items": [%b]}' % item
    assert parse_feed(body).entries[0].title == "a<b, &lt;x&gt; & L\u2019eau"


# ---- links


@pytest.mark.parametrize("link", ["<link/>", "<link></link>", "<link>N/A</link>"])
def test_a_permanent_guid_stands_in_for_an_empty_link(link: str) -> None:
    entry = of_rss(f"<title>a</title>{link}<guid>https://www.example.org/a</guid>")
    assert entry.url == "https://www.example.org/a"


def test_a_guid_that_is_said_to_be_no_link_is_none() -> None:
    entry = of_rss('<title>a</title><link/><guid isPermaLink="false">https://www.example.org/a</guid>')
    assert entry.url is None


def test_a_link_of_atom_in_rss_needs_no_rel() -> None:
    entry = of_rss('<title>a</title><atom:link href="https://www.example.org/a"/>')
    assert entry.url == "https://www.example.org/a"


@pytest.mark.parametrize(("language", "path"), [("de", "de/1"), ("fr", "fr/1")])
def test_of_several_languages_the_source_s_is_taken(language: str, path: str) -> None:
    links = "".join(
        f'<link rel="alternate" hreflang="{each}" href="https://www.example.org/{each}/1"/>'
        for each in ("fr-FR", "de", "en")
    ).replace("fr-FR/1", "fr/1")
    assert of_atom(f"<title>a</title>{links}", (language,)).url == f"https://www.example.org/{path}"


@pytest.mark.parametrize("file", ["bericht.pdf", "Ton.MP3?dl=1", "bild.jpg#x"])
@pytest.mark.parametrize("first", ["page", "file"])
def test_a_file_whose_writer_forgot_rel_is_not_the_entry_s_address(file: str, first: str) -> None:
    page, beside = '<link href="https://www.example.org/a"/>', f'<link href="https://www.example.org/{file}"/>'
    both = page + beside if first == "page" else beside + page
    assert of_atom(f"<title>a</title>{both}").url == "https://www.example.org/a"
    assert of_atom(f"<title>a</title>{beside}").url == f"https://www.example.org/{file}".split("#")[0]


def test_a_pdf_beside_the_page_is_read_like_an_enclosure() -> None:
    links = '<link href="https://www.example.org/a"/><link href="https://www.example.org/bericht.pdf"/>'
    assert of_atom(f"<title>a</title>{links}").attached == "https://www.example.org/bericht.pdf"


def test_of_two_pages_without_a_language_the_first_is_taken() -> None:
    links = '<link href="https://www.example.org/a"/><link href="https://www.example.org/download?id=5"/>'
    assert of_atom(f"<title>a</title>{links}").url == "https://www.example.org/a"


# ---- summaries


@pytest.mark.parametrize("place", ["before", "behind"])
def test_a_picture_s_caption_is_not_the_summary(place: str) -> None:
    caption, words = "<media:description>Foto: Haus</media:description>", "<description>Der Text</description>"
    both = caption + words if place == "before" else words + caption
    assert of_rss(f"<title>a</title>{both}").summary == "Der Text"
    assert of_rss(f"<title>a</title>{caption}").summary == "Foto: Haus"


def test_the_section_at_the_end_of_spip_s_summaries_is_cut() -> None:
    written = "&lt;p&gt;Le texte - long.&lt;/p&gt;\n - &lt;a href='/rubrique3'&gt;Actualités&lt;/a&gt;"
    assert of_rss(f"<title>a</title><description>{written}</description>").summary == "Le texte - long."


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("Geschützt: Quartalszahlen", "Es gibt keinen Textauszug, da dies ein geschützter Beitrag ist."),
        ("Protégé : Chiffres", "Il n’y a pas d’extrait, car cette publication est protégée."),
        ("Protected: Figures", ""),
    ],
)
def test_a_placeholder_of_a_protected_release_is_no_news(title: str, summary: str) -> None:
    made = poll_after(plan(an_entry()), an_entry("zwei", title=title, summary=summary))
    assert (made.live, made.bulk, made.new) == ((), (), 0)


def test_a_release_about_what_is_protected_is_news() -> None:
    made = poll_after(plan(an_entry()), an_entry("zwei", title="Geschützt: Neun Moore unter Aufsicht"))
    assert [entry.purpose for entry in made.remember] == [Purpose.LIVE]


# ---- bodies


def test_gzip_of_several_members_is_read_whole() -> None:
    packed = gzip.compress(b"eins, ") + gzip.compress(b"zwei") + b"\0" * 12
    assert read_body((packed[:9], packed[9:31], packed[31:]), "gzip", 1000, "x") == b"eins, zwei"
    assert read_body([bytes([byte]) for byte in packed], "gzip", 1000, "x") == b"eins, zwei"


def test_a_member_that_ends_too_early_is_an_error() -> None:
    packed = gzip.compress(b"eins, ") + gzip.compress(b"zwei")[:-6]
    with pytest.raises(FetchFailed, match="too early"):
        read_body((packed,), "gzip", 1000, "x")


@pytest.mark.parametrize("word", ["aws-chunked", "UTF-8", "none", "identity", "binary", ""])
def test_words_that_are_no_compression_change_nothing(word: str) -> None:
    assert read_body((b"<rss/>",), word, 1000, "x") == b"<rss/>"


def test_a_compression_beside_another_word_is_undone() -> None:
    assert read_body((gzip.compress(b"<rss/>"),), "aws-chunked, gzip", 1000, "x") == b"<rss/>"


def test_what_is_said_to_be_gzip_and_is_markup_is_taken_as_it_is() -> None:
    assert read_body((b"<rs", b"s/>"), "gzip", 1000, "x") == b"<rss/>"
    with pytest.raises(FetchFailed, match="not valid gzip"):
        read_body((b"neither",), "gzip", 1000, "x")


@pytest.mark.parametrize("bits", [zlib.MAX_WBITS, -zlib.MAX_WBITS], ids=["zlib", "bare"])
def test_deflate_is_a_zlib_stream_or_the_bare_one(bits: int) -> None:
    packer = zlib.compressobj(wbits=bits)
    packed = packer.compress(b"<rss/>" * 900) + packer.flush()
    assert read_body([bytes([byte]) for byte in packed], "deflate", 10_000, "x") == b"<rss/>" * 900
    with pytest.raises(FetchFailed, match="larger than"):
        read_body((packed,), "deflate", 1000, "x")
    with pytest.raises(FetchFailed, match="too early"):
        read_body((packed[:-4],), "deflate", 10_000, "x")


@pytest.mark.parametrize("word", ["br", "zstd"])
def test_a_compression_that_nobody_asked_for_is_an_error(word: str) -> None:
    with pytest.raises(FetchFailed, match="not asked for"):
        read_body((b"x",), word, 1000, "x")

"""`vigie sources`, `vigie parse` and `vigie import` as scripts use them."""

import json
from pathlib import Path

import pytest

from shared.bus import BULK, COLLECTED
from shared.bus.sqlite import SqliteBus
from shared.events import decode
from shared.items import CollectedItem
from tests.pipeline.feeds import Entry, now, rss
from tests.servers import FeedServer
from tests.unit.cli.said import Vigie, reply


@pytest.fixture
def catalogue() -> str:
    return '[[source]]\nid = "haus"\nkind = "feed"\nname = "Haus"\nurl = "https://www.example.org/feed.xml"\n'


# ---- parse

KEYS = {
    "guid",
    "url",
    "title",
    "summary",
    "published",
    "published_on",
    "updated",
    "language",
    "authors",
    "categories",
}


def test_parse_prints_the_agreed_keys(vigie: Vigie, tmp_path: Path) -> None:
    entry = Entry("eins?utm_source=x", "Ein  <Titel> & mehr", "Die Forschung an der Sprache.", now())
    (tmp_path / "feed.xml").write_bytes(rss([entry]))
    code, out, _ = vigie("parse", "feed.xml", "--json")
    document = json.loads(out)
    assert code == 0
    assert {key: document[key] for key in ("ok", "format", "language", "error")} == {
        "ok": True,
        "format": "rss20",
        "language": "de",
        "error": None,
    }
    (shown,) = document["entries"]
    assert set(shown) == KEYS
    assert (shown["url"], shown["language"], shown["updated"]) == ("https://www.example.org/eins", "de", None)
    assert shown["published"].endswith("Z")


def test_parse_lists_what_the_collector_would_refuse(vigie: Vigie, tmp_path: Path) -> None:
    item = "<item><guid>nur-das</guid></item>"
    (tmp_path / "feed.xml").write_text(f'<rss version="2.0"><channel>{item}</channel></rss>', "utf-8")
    (shown,) = reply(vigie("parse", "feed.xml", "--json"))["entries"]
    assert (shown["guid"], shown["url"], shown["title"], shown["published"]) == ("nur-das", None, "", None)


def test_parse_of_an_address_goes_through_the_one_client(vigie: Vigie, site: FeedServer) -> None:
    assert reply(vigie("parse", site.serve("/feed.xml", rss([])), "--json"))["ok"] is True
    code, out, _ = vigie("parse", site.redirect("/away", "http://169.254.169.254/"), "--json")
    assert (code, json.loads(out)["ok"]) == (1, False)
    assert "no public address" in json.loads(out)["error"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html><title>Hallo</title></html>", "HTML"),
        (b"", "empty"),
        (b" " * 10_000_001, "larger than 10 MB"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": 1}', "JSON"),
        (None, "cannot be read"),
    ],
)
def test_parse_of_no_feed_is_a_sentence_and_exit_code_1(
    vigie: Vigie, tmp_path: Path, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / "x").write_bytes(content)
    code, out, _ = vigie("parse", "x", "--json")
    document = json.loads(out)
    assert (code, document["ok"], document["entries"], document["format"]) == (1, False, [], None)
    assert said in document["error"]
    code, out, err = vigie("parse", "x")
    assert (code, out) == (1, "")
    assert said in err


def test_parse_survives_half_a_surrogate_pair(vigie: Vigie, tmp_path: Path) -> None:
    feed = '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "\\ud800", "url": "https://e.org/\\udc00"}]}'
    (tmp_path / "feed.json").write_text(feed, "utf-8")
    assert vigie("parse", "feed.json", "--json")[0] == 0


# ---- sources


def test_before_the_first_start_the_catalogue_is_listed(vigie: Vigie) -> None:
    (source,) = reply(vigie("sources", "list", "--json"))
    assert (source["id"], source["state"], source["last_success"]) == ("haus", "new", None)
    assert "haus" in vigie("sources", "list")[1]


def test_a_mistake_in_the_catalogue_is_usage_with_a_sentence(vigie: Vigie, tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text('[[source]]\nid = "haus"\nkind = "feed"\nurll = "x"\n', "utf-8")
    code, _, err = vigie("sources", "list")
    assert code == 2
    assert "Did you mean `url`" in err


def test_pause_resume_and_poll_change_one_source(vigie: Vigie) -> None:
    assert reply(vigie("sources", "pause", "haus", "--reason", "Wartung", "--json"))["off_reason"] == "Wartung"
    code, _, err = vigie("sources", "poll", "haus")
    assert code == 1
    assert "Wartung" in err
    assert reply(vigie("sources", "resume", "haus", "--json"))["state"] == "new"
    assert vigie("sources", "poll", "haus")[0] == 0


def test_an_unknown_source_is_exit_code_1_with_the_nearest(vigie: Vigie) -> None:
    for action in ("show", "poll", "pause", "resume", "release"):
        code, _, err = vigie("sources", action, "hau")
        assert code == 1
        assert "Did you mean haus" in err


def test_a_source_is_probed_then_added_then_shown(vigie: Vigie, site: FeedServer) -> None:
    url = site.serve("/presse/feed.xml", rss([Entry("eins", "Ein Titel", "Ein Text.", now())]))
    assert reply(vigie("sources", "probe", url, "--json"))["entries"] == 1
    added = reply(vigie("sources", "add", url, "--country", "FR", "--language", "fr", "--json"))
    shown = reply(vigie("sources", "show", added["id"], "--json"))
    assert (shown["url"], shown["country"], shown["languages"], shown["origin"]) == (url, "FR", ["fr"], "operator")
    assert (shown["name"], shown["held_entries"]) == ("Example", [])
    code, _, err = vigie("sources", "add", url)
    assert code == 1
    assert "has this address already" in err


def test_what_is_no_feed_is_not_added(vigie: Vigie, site: FeedServer) -> None:
    url = site.serve("/", '<html><link rel="alternate" type="application/rss+xml" href="/feed.xml"></html>')
    code, _, err = vigie("sources", "add", url)
    assert code == 1
    assert "is not added" in err
    assert site.url("/feed.xml") in err
    assert vigie("sources", "add", url, "--force", "--id", "trotzdem")[0] == 0


def test_opml_goes_out_and_comes_in(vigie: Vigie, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exported = vigie("sources", "export")[1]
    assert 'xmlUrl="https://www.example.org/feed.xml"' in exported
    (tmp_path / "feeds.opml").write_text(exported, "utf-8")
    assert reply(vigie("sources", "import", "feeds.opml", "--json")) == {"added": 0, "known": 1, "refused": 0}
    monkeypatch.setenv("VIGIE_DATA_DIR", "other")
    (tmp_path / "sources.toml").write_text("", "utf-8")
    assert reply(vigie("sources", "import", "feeds.opml", "--json"))["added"] == 1
    assert reply(vigie("sources", "show", "haus", "--json"))["name"] == "Haus"


def test_an_opml_file_with_bad_addresses_is_read_as_far_as_it_goes(vigie: Vigie, tmp_path: Path) -> None:
    (tmp_path / "x.opml").write_text(
        '<opml version="2.0"><body>'
        '<outline text="Gruppe"><outline text="A" xmlUrl="https://a.example.org/feed"/></outline>'
        '<outline text="falsch" xmlUrl="javascript:alert(1)"/></body></opml>',
        "utf-8",
    )
    code, out, err = vigie("sources", "import", "x.opml", "--json")
    assert (code, json.loads(out)) == (1, {"added": 1, "known": 0, "refused": 1})
    assert "falsch" in err


SITES = Path(__file__).parents[2] / "sites"


def test_a_news_page_is_added_once_somebody_accepts_what_it_would_bring(vigie: Vigie, site: FeedServer) -> None:
    url = site.serve("/aktuelles/", (SITES / "plone.html").read_bytes(), content_type="text/html")
    code, out, err = vigie("sources", "add", url)
    assert (code, out) == (1, "")
    assert "Delegation aus Lyon besucht das Testfeld" in err
    assert "--yes" in err
    added = reply(vigie("sources", "add", url, "--yes", "--json"))
    assert reply(vigie("sources", "show", added["id"], "--json"))["kind"] == "listing"


def test_the_feed_that_a_page_names_comes_first_but_not_the_one_of_its_comments(
    vigie: Vigie, site: FeedServer
) -> None:
    site.serve("/comments/feed/", rss([Entry("k", "Kommentar", "Ein Kommentar.", now())]))
    feed = site.serve("/feed/", rss([Entry("eins", "Ein Titel", "Ein Text.", now())]))
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{path}">'
        for title, path in (("Kommentare", "comments/feed/"), ("Presse", "feed/"))
    )
    page = (SITES / "plone.html").read_text("utf-8").replace("<title>", f'<base href="/">{links}<title>')
    url = site.serve("/aktuelles/", page, content_type="text/html")
    added = reply(vigie("sources", "add", url, "--yes", "--json"))
    shown = reply(vigie("sources", "show", added["id"], "--json"))
    assert (shown["kind"], shown["url"]) == ("feed", feed)


def test_a_page_that_is_neither_is_refused_in_words(vigie: Vigie, site: FeedServer) -> None:
    url = site.serve("/meldung/", (SITES / "article.html").read_bytes(), content_type="text/html")
    code, _, err = vigie("sources", "add", url, "--yes")
    assert code == 1
    assert "running text" in err


def test_what_is_off_stays_off_on_its_way_through_opml(
    vigie: Vigie, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vigie("sources", "pause", "haus")
    (tmp_path / "feeds.opml").write_text(vigie("sources", "export")[1], "utf-8")
    assert reply(vigie("sources", "import", "feeds.opml", "--json"))["known"] == 1
    assert reply(vigie("sources", "show", "haus", "--json"))["state"] == "paused"
    monkeypatch.setenv("VIGIE_DATA_DIR", "other")
    (tmp_path / "sources.toml").write_text("", "utf-8")
    vigie("sources", "import", "feeds.opml")
    shown = reply(vigie("sources", "show", "haus", "--json"))
    assert (shown["state"], shown["off_reason"]) == ("paused", "paused by an operator")


def test_different_addresses_of_one_host_are_different_sources(vigie: Vigie, tmp_path: Path) -> None:
    addresses = ("feed/", "rss.xml", "feed?topic=ki", "feed?topic=energie")
    outlines = "".join(f'<outline text="x" XMLURL="https://b.example.org/{address}"/>' for address in addresses)
    (tmp_path / "x.opml").write_text(f'<opml version="2.0"><body>{outlines}</body></opml>', "utf-8")
    assert reply(vigie("sources", "import", "x.opml", "--json")) == {"added": 4, "known": 0, "refused": 0}
    assert reply(vigie("sources", "import", "x.opml", "--json")) == {"added": 0, "known": 4, "refused": 0}


def test_an_opml_file_with_an_entity_bomb_is_refused(vigie: Vigie, tmp_path: Path) -> None:
    (tmp_path / "x.opml").write_text(
        '<?xml version="1.0"?><!DOCTYPE opml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><opml version="2.0"><body>'
        '<outline text="&b;" xmlUrl="https://a.example.org/feed"/></body></opml>',
        "utf-8",
    )
    code, _, err = vigie("sources", "import", "x.opml", "--json")
    assert code == 1
    assert "entities" in err


# ---- import


def line(**changes: object) -> str:
    record = {
        "title": "Ein  alter Titel",
        "text": "Ein Text über Wasserstoff.",
        "url": "https://www.example.org/alt?utm_source=x",
        "published": "2019-05-04T10:00:00+02:00",
        "source": "archiv",
        "lang": "de",
    }
    return json.dumps(record | changes)


def collected(folder: Path, lane: str = BULK) -> list[CollectedItem]:
    bus = SqliteBus(folder / "data" / "bus.db")
    try:
        return [decode(record, CollectedItem)[0] for record in bus.read(COLLECTED + lane, -1, 1000)]
    finally:
        bus.close()


def test_import_hands_items_over_in_bulk_and_reports_bad_lines_by_number(vigie: Vigie, tmp_path: Path) -> None:
    bad = [
        "kein JSON",
        "[]",
        line(title=""),
        line(url="x"),
        line(published="gestern"),
        line(source=None),
        '{"title": "\\ud800"}',
    ]
    (tmp_path / "x.jsonl").write_text(
        "\n".join([line(), *bad, "", line(url="https://www.example.org/b", published=None)]), "utf-8"
    )
    code, out, err = vigie("import", "x.jsonl", "--json")
    assert (code, json.loads(out)) == (1, {"lines": 10, "sent": 2, "refused": 7})
    assert [f"line {number}:" in err for number in range(1, 11)] == [False, *[True] * 7, False, False]
    first, second = collected(tmp_path)
    assert (first.title, first.url) == ("Ein alter Titel", "https://www.example.org/alt")
    assert (first.source, first.declared_language, first.published_raw) == (
        "archiv",
        "de",
        "2019-05-04T10:00:00+02:00",
    )
    assert second.published is None
    assert collected(tmp_path, "") == []


def test_an_import_without_bad_lines_is_exit_code_0_and_its_repetition_the_same_events(
    vigie: Vigie, tmp_path: Path
) -> None:
    (tmp_path / "x.jsonl").write_text(line(), "utf-8")
    assert vigie("import", "x.jsonl")[0] == 0
    assert vigie("import", "x.jsonl")[0] == 0
    first, second = collected(tmp_path)
    assert first == second


def test_an_interrupted_import_goes_on_where_it_was(vigie: Vigie, tmp_path: Path) -> None:
    from services.collector.importing import Bookmark, Position

    path = tmp_path / "x.jsonl"
    lines = [line(url=f"https://www.example.org/{n}") for n in range(3)]
    path.write_text("\n".join(lines), "utf-8")
    Bookmark(tmp_path / "data" / "imports", path).write(Position(len(lines[0]) + 1, 1, 1, 0))
    code, out, err = vigie("import", "x.jsonl", "--json")
    assert (code, json.loads(out)) == (0, {"lines": 3, "sent": 3, "refused": 0})
    assert "after line 1" in err
    assert [item.url for item in collected(tmp_path)] == ["https://www.example.org/1", "https://www.example.org/2"]


def test_a_file_that_is_not_there_is_a_sentence(vigie: Vigie) -> None:
    code, _, err = vigie("import", "nirgends.jsonl")
    assert code == 1
    assert "nirgends.jsonl cannot be read" in err

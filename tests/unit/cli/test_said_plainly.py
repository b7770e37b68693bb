"""What commands say of what is half right: an unfinished query, a relay that is asked again, an odd line."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from services.cli import main
from shared.store import Store
from tests.unit.cli.said import Vigie, reply
from tests.unit.cli.test_deliveries import DENIED, send, store

__all__ = ["store"]


@pytest.mark.parametrize(
    ("query", "taken"),
    [('"smart grid', '"smart grid"'), ("(wind", "wind"), ("KI OR", "KI")],
)
@pytest.mark.parametrize("command", [("search",), ("search", "--format", "csv"), ("watched", "--since", "1d")])
def test_an_unfinished_query_is_answered_and_said(
    vigie: Vigie, command: tuple[str, ...], query: str, taken: str
) -> None:
    code, _, err = vigie(*command, query)
    assert (code, err) == (0, f"vigie {command[0]}: the query is not finished; taken as: {taken}\n")


@pytest.mark.parametrize("query", ["((", "theme:", "KI theme:", "AND", '"', "*"])
@pytest.mark.parametrize("command", [("search",), ("search", "--format", "csv"), ("watched", "--since", "1d")])
def test_a_query_of_which_nothing_or_too_little_is_left_is_refused(
    vigie: Vigie, command: tuple[str, ...], query: str
) -> None:
    code, out, err = vigie(*command, query)
    assert (code, out, err.startswith(f"vigie {command[0]}: character ")) == (2, "", True)


@pytest.mark.parametrize("query", ["", "KI & Energie", "theme:ai -wind", "(grid OR netz)"])
def test_of_a_finished_query_nothing_is_said(vigie: Vigie, query: str) -> None:
    _, _, err = vigie("search", "--format", "json", "--", query)
    assert "not finished" not in err


def test_a_release_says_that_a_relay_that_refused_us_is_asked_again(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    send(store, DENIED)
    assert main(["deliveries", "release", "--all"]) == 0
    said = capsys.readouterr().out
    asked = "The relay, which took no mail of ours or put it off, is asked again at once."
    assert said == f"0 deliveries: release done. {asked}\n"


def test_an_import_says_of_each_bad_line_what_is_wrong_with_it(vigie: Vigie, tmp_path: Path) -> None:
    line = {"title": "T", "text": "x", "url": "javascript:alert(1)", "published": None, "source": "alt"}
    broken = [json.dumps(line).encode(), b"kaputt", b'{"title":"K\xfcnstlich"}', b"[1]"]
    (tmp_path / "old.jsonl").write_bytes(b"\n".join(broken))
    code, out, err = vigie("import", "old.jsonl")
    assert (code, out) == (1, "0 items handed over of 4 lines; 4 lines refused.\n")
    assert err.splitlines() == [
        "line 1: 'javascript:alert(1)' is not a web address: http:// or https:// and a host are needed",
        "line 2: not JSON: Expecting value at column 1",
        "line 3: not UTF-8: invalid start byte at byte 11",
        "line 4: an object was expected, found list",
    ]


def test_lines_may_come_from_standard_input(vigie: Vigie, monkeypatch: pytest.MonkeyPatch) -> None:
    line = {"title": "T", "text": "x", "url": "https://example.org/a", "published": None, "source": "alt"}
    piped = io.BufferedReader(_Piped(json.dumps(line).encode() + b"\nkaputt\n"))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(piped))
    assert vigie("import", "-") == (
        1,
        "1 item handed over of 2 lines; 1 line refused.\n",
        "line 2: not JSON: Expecting value at column 1\n",
    )


class _Piped(io.RawIOBase):
    """What has one direction, as a pipe has."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._content.readinto(buffer)


def test_a_saved_feed_has_its_links_relative_to_where_it_came_from(vigie: Vigie, tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text(
        "<rss version='2.0'><channel><item><title>A</title><link>a/b</link>", "utf-8"
    )
    said = reply(vigie("parse", "feed.xml", "--json", "--url", "https://www.example.org/rss/feed.xml"))
    assert said["entries"][0]["url"] == "https://www.example.org/rss/a/b"


@pytest.mark.parametrize("options", [(), ("--listing",)])
@pytest.mark.parametrize("address", ["ftp://www.example.org/feed.xml", "file:///etc/passwd"])
def test_of_other_addresses_it_is_said_which_are_read(
    vigie: Vigie, address: str, options: tuple[str, ...]
) -> None:
    code, _, err = vigie("parse", address, *options)
    assert (code, "an address begins with http:// or https://" in err) == (1, True)


def test_a_feed_that_declares_no_language_is_in_that_of_its_entries(vigie: Vigie, tmp_path: Path) -> None:
    body = "Ein langer Satz über die Energie der Stadt und ihre Netze. " * 5
    feed = f"<rss version='2.0'><channel><title>H</title><item><title>Huge</title><description>{body}"
    (tmp_path / "feed.xml").write_text(f"{feed}</description></item></channel></rss>", "utf-8")
    said = reply(vigie("parse", "feed.xml", "--json"))
    assert (said["language"], said["entries"][0]["language"]) == ("de", "de")

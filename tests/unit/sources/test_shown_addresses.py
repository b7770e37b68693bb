"""A source's address may hold a password or a key: it is fetched with it, and shown without it everywhere."""

import json
import logging
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.cli import main
from services.collector.opml import read_opml
from shared.config import Settings
from shared.errors import BadInput, ConfigError, FetchFailed
from shared.identity import canonical_url
from shared.shown_url import text_without_secrets, without_secrets
from shared.sources.catalogue import Kind, SourceConfig, load_catalogue
from shared.sources.store import add_source
from shared.web.client import WebClient
from tests.servers import FeedServer
from tests.unit.portal.site import a_portal

KEY, PASSWORD = "kolibri7", "pelikan"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.org/feed.xml?nn=12345&view=rss#top", None),
        ("https://example.org:8080/@user/feed?q=a@b", None),
        ("https://[2001:db8::1]:8443/feed", None),
        ("https://example.org/feed?q=pressemitteilungen-2024-Uebersicht", None),
        (f"https://vigie:{PASSWORD}@example.org/feed", "https://***@example.org/feed"),
        (f"https://vigie:{PASSWORD}/x@example.org/feed", "https://***@example.org/feed"),
        (f"https://{PASSWORD}@example.org", "https://***@example.org"),
        (f"https://vigie:{PASSWORD}/feed", "https://***"),
        (
            f"https://example.org/feed?lang=de&feed_token={KEY}&x=1",
            "https://example.org/feed?lang=de&feed_token=***&x=1",
        ),
        (f"https://example.org/?Key={KEY}", "https://example.org/?Key=***"),
        (f"https://example.org/?api%5Fkey={KEY};a=1", "https://example.org/?api%5Fkey=***;a=1"),
        ("https://example.org/?a=3f9c2b7d4e1a4c5b9f0e", "https://example.org/?a=***"),
        ("https://example.org/?550e8400-e29b-41d4-a716-446655440000", "https://example.org/?***"),
    ],
)
def test_what_looks_like_a_secret_is_hidden_and_nothing_else(url: str, shown: str | None) -> None:
    assert without_secrets(url) == (shown or url)
    assert (
        text_without_secrets(f"{url}: no answer, from '{url}'.")
        == f"{shown or url}: no answer, from '{shown or url}'."
    )


@example("]/")
@given(
    st.text(alphabet=st.characters(blacklist_characters="\"'<> \t\r\n", blacklist_categories=("Cs", "Zs", "Cc")))
)
def test_no_password_is_shown_whatever_it_is_made_of(middle: str) -> None:
    for url in (f"https://vigie:{PASSWORD}{middle}@example.org/feed", f"https://vigie:{PASSWORD}{middle}@h/?a=1"):
        assert PASSWORD not in without_secrets(url)


@pytest.mark.parametrize(
    "url",
    [f"https://vigie:{PASSWORD}/x@example.org/", f"https://a:b[{PASSWORD}]@example.org", f"https://a:{PASSWORD}"],
)
def test_an_address_that_cannot_be_read_is_refused_without_its_password(url: str, tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(f'[[source]]\nid = "a"\nkind = "feed"\nurl = "{url}"\n', "utf-8")
    with pytest.raises(BadInput) as refused:
        canonical_url(url)
    with pytest.raises(ConfigError) as of_file:
        load_catalogue(file)
    with pytest.raises(FetchFailed) as not_fetched:
        WebClient(Settings()).get(url)
    (of_outline,) = read_opml(f'<opml><body><outline xmlUrl="{url}"/></body></opml>'.encode())
    said = f"{refused.value} {of_file.value} {not_fetched.value} {of_outline}"
    assert PASSWORD not in said


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


def test_a_fetch_that_fails_says_so_without_key_and_password(site: FeedServer) -> None:
    web = WebClient(Settings(allowed_networks=(ip_network("127.0.0.0/8"),)))
    secret = site.serve("/feed", status=500).replace("http://", f"http://vigie:{PASSWORD}@") + f"?token={KEY}"
    site.redirect("/moved", f"ftp://x:{PASSWORD}@example.org/?key={KEY}")
    for url in (secret, site.url(f"/moved?token={KEY}")):
        with pytest.raises(FetchFailed) as failed:
            web.get(url)
        assert "127.0.0.1" in str(failed.value)
        assert KEY not in str(failed.value)
        assert PASSWORD not in str(failed.value)
    assert site.requests[0].path == f"/feed?token={KEY}", "it was asked for with the key"
    assert "Authorization" in site.requests[0].headers


def test_commands_and_pages_show_it_without(
    site: FeedServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("VIGIE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("VIGIE_ALLOWED_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("VIGIE_SOURCES", str(tmp_path / "none.toml"))
    (tmp_path / "none.toml").write_text("", "utf-8")
    caplog.set_level(logging.DEBUG)
    secret = site.serve("/feed", b"<html/>").replace("http://", f"http://vigie:{PASSWORD}@") + f"?token={KEY}"
    assert main(["sources", "probe", secret]) == 1
    assert main(["sources", "probe", secret, "--json"]) == 1
    assert main(["sources", "add", secret]) == 1
    assert main(["sources", "add", secret, "--force", "--id", "geheim"]) == 0
    for command in (["list"], ["list", "--json"], ["show", "geheim"], ["show", "geheim", "--json"], ["export"]):
        assert main(["sources", *command]) == 0
    said = "".join(capsys.readouterr()) + caplog.text
    assert "1 left out" in said
    portal = a_portal(tmp_path / "portal")
    try:
        with portal.store.writing() as session:
            config = SourceConfig(id="geheim", kind=Kind.FEED, url=secret, homepage=secret, name="Institut")
            add_source(session, config, portal.clock.now())
        pages = [portal.get(path).text for path in ("/de/sources", "/api/v1/sources", "/de/operations")]
    finally:
        portal.bus.close()
        portal.store.close()
    (shown,) = json.loads(pages[1])["sources"]
    assert shown["url"].startswith("http://***@127.0.0.1")
    assert "Institut" in pages[0]
    for text in (said, *pages):
        assert KEY not in text
        assert PASSWORD not in text
    assert main(["sources", "export", "--secrets"]) == 0
    assert f"token={KEY}" in capsys.readouterr().out, "another installation can fetch it"

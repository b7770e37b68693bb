"""The keys of a source: each stands in the README, and one that does not fit its kind is refused in words."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from services.cli import main
from shared.errors import ConfigError
from shared.sources.catalogue import Kind, ListingRules, MailboxRules, SitemapRules, SourceConfig, source_config

README = Path(__file__).parents[3] / "README.md"
HAUS = {"id": "haus", "kind": "feed", "url": "https://h.example.org/x"}


def test_every_key_stands_in_the_readme() -> None:
    text = README.read_text("utf-8")
    table = text[text.index("| key | meaning |") : text.index("`vigie config check` and every start refuse")]
    named = set(re.findall(r"`(?:\[source\.)?(\w+)\]?(?: = [^`]*)?`", table))
    keys = {f.name for kind in (SourceConfig, ListingRules, SitemapRules, MailboxRules) for f in fields(kind)}
    assert keys - named == set()
    assert {kind.value for kind in Kind} == set(re.findall(r'`kind = "(\w+)"`', table))


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (
            {"listing": {"item": "li"}},
            r"\[source.listing\] is for sources of kind listing; .* kind feed",
        ),
        ({"sitemap": {"within": "https://h.example.org/"}}, r"\[source.sitemap\] is for .* kind feed"),
        ({"mailbox": {"senders": ["@example.org"]}}, r"\[source.mailbox\] is for .* kind feed"),
        ({"kind": "sitemap", "sitemap": {"within": "/presse/"}}, "`within`"),
        ({"kind": "sitemap", "sitemap": {"whithin": "x"}}, "Did you mean `within`"),
        ({"kind": "listing", "listing": {"item": "li", "url_date": "[0-9"}}, "no regular expression"),
        ({"kind": "listing", "listing": {"item": "li", "url_date": r"(\d{4})"}}, "needs the groups"),
        ({"kind": "page"}, "must be one of feed, listing, sitemap, mailbox"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(block: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        source_config(HAUS | block, "test")


def test_a_table_of_its_kind_is_taken() -> None:
    source = source_config(
        HAUS | {"kind": "sitemap", "sitemap": {"within": "https://h.example.org/presse/"}}, "test"
    )
    assert source.sitemap == SitemapRules("https://h.example.org/presse/")


def test_config_check_finds_a_selector_that_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VIGIE_SOURCES", "sources.toml")
    block = '[[source]]\nid = "haus"\nkind = "listing"\nurl = "https://h.example.org/"\n'
    block += '[source.listing]\nitem = "li"\n'
    for date, code in (("time", 0), ("time[[", 2)):
        Path("sources.toml").write_text(f'{block}date = "{date}"\n', "utf-8")
        assert main(["config", "check"]) == code
    assert "haus: the selector `date`" in capsys.readouterr().err

"""The catalogue is read strictly: a mistake is said with its place."""

from pathlib import Path

import pytest

from shared.errors import ConfigError
from shared.sources.catalogue import Kind, ListingRules, SourceConfig, load_catalogue

FEED = '[[source]]\nid = "haus"\nkind = "feed"\nurl = "https://www.example.org/feed.xml"\n'


def load(folder: Path, text: str) -> tuple[SourceConfig, ...]:
    path = folder / "sources.toml"
    path.write_text(text, "utf-8")
    return load_catalogue(path)


def test_id_kind_and_url_are_enough(tmp_path: Path) -> None:
    (source,) = load(tmp_path, FEED)
    assert source == SourceConfig("haus", Kind.FEED, "https://www.example.org/feed.xml", name="haus")
    assert source.enabled


def test_every_key_is_taken_over(tmp_path: Path) -> None:
    more = (
        'name = "Das Haus"\ncountry = "DE"\nlanguages = ["de", "en"]\norganisation = "Haus"\nenabled = false\n'
        'interval = 600\nnote = "aus"\nlicence = "CC BY 4.0"\nfull_text = false\nassumed = true\n'
        "checked = 2026-03-02\n"
        '[source.listing]\nitem = "li"\ndate = "time"\n'
    )
    (source,) = load(tmp_path, FEED.replace('"feed"', '"listing"') + more)
    assert (source.languages, source.interval, source.enabled) == (("de", "en"), 600, False)
    assert (source.full_text, source.assumed) == (False, True)
    assert (source.checked, source.listing) == ("2026-03-02", ListingRules("li", date="time"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (FEED + "intervall = 5\n", "`interval`"),
        (FEED + 'langauges = ["de"]\n', "`languages`"),
        (FEED.replace("[[source]]", "[[sources]]"), "`source`"),
        (FEED.replace("[[source]]", "[source]"), "two brackets"),
        (FEED.replace('"feed"', '"fead"'), "'feed'"),
        (FEED.replace("https://", "htp://"), "not a web address"),
        (FEED.replace('id = "haus"\n', ""), "`id` is missing"),
        (FEED.replace('"haus"', '"Das Haus"'), "'Das Haus'"),
        (FEED + FEED, "sources 1 and 2 have the same id 'haus'"),
        (FEED + "interval = 0\n", "at least 1"),
        (FEED + "interval = true\n", "whole number"),
        (FEED + 'languages = "de"\n', "a list"),
        (FEED + 'enabled = "ja"\n', "true or false"),
        (FEED + '[source.listing]\nitm = "li"\n', "`item`"),
        (FEED + 'name = "x\n', "not valid TOML"),
    ],
)
def test_a_mistake_is_said_with_what_was_meant(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert said in str(caught.value)
    assert "sources.toml" in str(caught.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml cannot be read"):
        load_catalogue(tmp_path / "nowhere.toml")

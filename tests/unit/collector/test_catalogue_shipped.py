"""The catalogue that ships: complete, honest about what is off, and careful about what is on."""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest

from shared.items import LANGUAGES
from shared.sources.catalogue import Kind, SourceConfig, load_catalogue

BODIES: Final = 122
NAMED: Final = 59
WITHOUT_A_WAY: Final = {"saarland-land", "mwide-saarland", "eu-ai-champions", "handelsblatt"}


@pytest.fixture(scope="module")
def catalogue() -> tuple[SourceConfig, ...]:
    return load_catalogue(Path(str(files("services.collector") / "sources.toml")))


def test_every_body_is_listed_once(catalogue: tuple[SourceConfig, ...]) -> None:
    assert len(catalogue) == len({source.id for source in catalogue}) == BODIES
    assert len({source.url for source in catalogue}) == BODIES


def test_a_source_that_is_off_says_why_and_one_that_is_on_does_not(catalogue: tuple[SourceConfig, ...]) -> None:
    wrong = [source.id for source in catalogue if source.enabled == bool(source.off_reason)]
    assert wrong == []


def test_what_is_on_is_a_feed_over_https_or_marked_as_assumed(catalogue: tuple[SourceConfig, ...]) -> None:
    on = [source for source in catalogue if source.enabled]
    seen = [source for source in on if not source.assumed]
    assert len(seen) >= 30
    assert [s.id for s in seen if s.kind is not Kind.FEED] == []
    assert [s.id for s in on if not s.url.startswith("https://")] == []
    assert [s.id for s in catalogue if s.assumed and not s.enabled] == []


def test_the_mission_s_bodies_are_named_and_each_has_a_way_or_says_why_not(
    catalogue: tuple[SourceConfig, ...],
) -> None:
    named = [source for source in catalogue if source.named]
    assert len(named) == NAMED
    assert {source.id for source in named if not source.enabled} == WITHOUT_A_WAY
    assert [source.id for source in named if not source.enabled and not source.off_reason] == []


@pytest.mark.parametrize("id_", ["saarland-land", "idw", "bsi", "lemonde", "tagesschau"])
def test_who_forbids_or_blocks_polling_is_off(catalogue: tuple[SourceConfig, ...], id_: str) -> None:
    assert not next(source for source in catalogue if source.id == id_).enabled


def test_what_bmftr_s_robots_txt_forbids_is_not_polled(catalogue: tuple[SourceConfig, ...]) -> None:
    assert "/SiteGlobals/" not in next(source.url for source in catalogue if source.id == "bmftr")


def test_no_source_overrides_robots_txt(catalogue: tuple[SourceConfig, ...]) -> None:
    assert [source.id for source in catalogue if source.robots_override] == []


def test_every_source_has_name_organisation_country_and_our_languages(
    catalogue: tuple[SourceConfig, ...],
) -> None:
    for source in catalogue:
        assert source.name, source.id
        assert source.organisation, source.id
        assert source.country in {"DE", "FR", "EU", "INT", "US", "GB"}, source.id
        assert source.languages, source.id
        assert set(source.languages) <= set(LANGUAGES), source.id


def test_an_organisation_has_the_name_that_tags_and_queries_use(catalogue: tuple[SourceConfig, ...]) -> None:
    known = tomllib.loads((files("shared.text") / "organisations.toml").read_text("utf-8")).values()
    names = {organisation["name"] for organisation in known}
    assert [source.id for source in catalogue if source.organisation not in names] == []

"""OPML as others write it."""

from services.collector.opml import read_opml
from shared.sources.catalogue import SourceConfig


def outline(attributes: str) -> SourceConfig:
    (config,) = read_opml(f'<opml version="2.0"><body><outline text="A" {attributes}/></body></opml>'.encode())
    assert isinstance(config, SourceConfig), config
    return config


def test_an_address_that_was_made_for_readers_is_a_web_address() -> None:
    assert outline('xmlUrl="feed://example.org/f.xml"').url == "http://example.org/f.xml"
    assert outline('xmlUrl="feed:https://example.org/f.xml"').url == "https://example.org/f.xml"


def test_a_language_with_its_country_is_one_language() -> None:
    address = 'xmlUrl="https://example.org/f.xml"'
    assert outline(f'{address} language="de-DE, en_US"').languages == ("de", "en")


def test_what_is_commented_out_stays_off() -> None:
    commented = outline('xmlUrl="https://example.org/f.xml" isComment="true"')
    assert (commented.enabled, commented.off_reason) == (False, "commented out in the file")

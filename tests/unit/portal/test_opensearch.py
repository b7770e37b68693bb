"""Browsers find the search and can add it, in each language."""

import re
from xml.etree import ElementTree

import pytest

from tests.unit.portal.site import LANGUAGES, Opening, Portal

NAMESPACE = "{http://a9.com/-/spec/opensearch/1.1/}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_leads_to_a_description_whose_addresses_find_things(portal: Portal, language: str) -> None:
    (href,) = re.findall(r'<link rel="search" [^>]*href="([^"]+)"', portal.get(f"/{language}/").text)
    answer = portal.get(href)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/opensearchdescription+xml")
    described = ElementTree.fromstring(answer.text)
    assert described.findtext(f"{NAMESPACE}Language") == language
    assert len(described.findtext(f"{NAMESPACE}ShortName") or "") <= 16
    assert described.findtext(f"{NAMESPACE}Description")
    forms = {}
    for url in described.findall(f"{NAMESPACE}Url"):
        found = portal.get(url.attrib["template"].replace("{searchTerms}", "Netz"))
        forms[url.attrib["type"]] = found.status_code, "KI steuert das Netz" in re.sub("<[^>]+>", "", found.text)
    assert forms["text/html"] == (200, True)
    assert {kind: status for kind, (status, _) in forms.items()} == dict.fromkeys(forms, 200)
    assert set(forms) == {"text/html", "application/atom+xml", "application/feed+json"}


def test_its_addresses_are_those_of_the_public_address(portal_with: Opening) -> None:
    portal = portal_with(public_url="https://portal.example.org/vigie")
    text = portal.get("/vigie/fr/opensearch.xml").text or portal.get("/fr/opensearch.xml").text
    assert "https://portal.example.org/vigie/fr/search?q={searchTerms}" in text

"""The page of sources tells at a glance which of the mission's bodies are read, how, and why others are not."""

import re

import pytest

from shared.sources.tables import SourceRow
from tests.unit.portal.site import LANGUAGES, Portal


def name_three(portal: Portal) -> None:
    now = portal.clock.now()
    off = SourceRow(id="aus", name="Haus C", url="https://c.example.org", named=True, enabled=False)
    off.off_reason = "terms limit commercial use"
    read = SourceRow(id="da", name="Haus A", url="https://a.example.org", named=True, state="ok", kind="listing")
    read.last_success = now
    waits = SourceRow(id="wartet", name="Haus B", url="https://b.example.org", named=True, assumed=True)
    with portal.store.writing() as session:
        session.add_all((off, read, waits))


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", ("3 Stellen, die der Auftrag nennt", "Übersichtsseite", "hat noch niemand antworten sehen")),
        ("fr", ("3 organismes que la mission nomme", "Personne n’a encore vu cette voie répondre")),
        ("en", ("3 bodies that the mission names", "Nobody has seen this way answer yet")),
    ],
)
def test_the_named_bodies_stand_first_with_way_and_cause(
    portal: Portal, language: str, said: tuple[str, ...]
) -> None:
    name_three(portal)
    html = portal.get(f"/{language}/sources").text
    section = html[html.index('id="named"') : html.index("</section>", html.index('id="named"'))]
    for each in (*said, "terms limit commercial use"):
        assert each in words(section)
    at = [section.index(f"Haus {letter}") for letter in "ABC"]
    assert at == sorted(at)
    assert 'lang="en">terms limit' in section
    assert section.count('scope="col"') == 4
    assert section.count('scope="row"') == 3


def test_without_named_bodies_there_is_no_such_part(portal: Portal) -> None:
    for language in LANGUAGES:
        assert 'id="named"' not in portal.get(f"/{language}/sources").text


def test_a_link_leads_to_the_body_below(portal: Portal) -> None:
    name_three(portal)
    html = portal.get("/en/sources").text
    for target in re.findall(r'<th scope="row"><a href="#([^"]+)"', html):
        assert html.count(f'id="{target}"') == 1

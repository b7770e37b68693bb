"""What holds for every page, in every language."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from shared.subscriptions.links import Purpose
from tests.unit.portal.conftest import furnished
from tests.unit.portal.site import LANGUAGES, Opening, Portal

PAGES = (
    "/",
    "/search",
    "/search?q=Netz&theme=energy&in=de&country=DE&bilateral=1&sovereign=1&order=oldest",
    "/search?q=nothing+like+it",
    "/items/netz",
    "/items/netz/correct",
    "/stories/netz",
    "/sources",
    "/watched",
    "/compare?left=netz&right=netz",
    "/one-sided",
    "/one-sided?theme=energy",
    "/subscribe",
    "/about",
    "/api",
    "/operations",
    "/mails",
)


Pages = dict[str, dict[str, str]]


class Outline(HTMLParser):
    """What a page consists of, as far as the tests ask."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def every_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """Language -> path -> page."""
    furnish = furnished(tmp_path_factory.mktemp("pages"))
    portal = next(furnish)
    yield {language: read_every_page(portal, language) for language in LANGUAGES}
    next(furnish, None)


def read_every_page(portal: Portal, language: str) -> dict[str, str]:
    subscription = portal.subscribed()
    tokens = {
        f"/leave/{portal.token(Purpose.LEAVE, subscription)}": 200,
        f"/preferences/{portal.token(Purpose.PREFERENCES, subscription)}": 200,
        f"/confirm/{portal.token(Purpose.CONFIRM, subscription)}": 200,
        "/nowhere": 404,
        "/search?q=theem:energy": 400,
    }
    pages = {}
    for path, status in {**dict.fromkeys(PAGES, 200), **tokens}.items():
        answer = portal.get(f"/{language}{path}")
        assert answer.status_code == status, path
        pages[path] = answer
    return {path: answer.text for path, answer in pages.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_whole_and_says_its_language(every_page: Pages, language: str) -> None:
    for path, text in every_page[language].items():
        outline = Outline(text)
        assert outline.all("html")[0]["lang"] == language, path
        assert len(outline.all("h1")) == 1, path
        assert len(outline.all("main")) == 1, path
        assert outline.all("title"), path
        assert not re.search(r"\bNone\b(?!-)", re.sub(r"<[^>]*>", "", text)), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_has_script_or_style_in_it_or_asks_another_host(every_page: Pages, language: str) -> None:
    for path, text in every_page[language].items():
        outline = Outline(text)
        assert not outline.all("script"), path
        assert not outline.all("style"), path
        assert not [a for _, a in outline.tags if any(name.startswith("on") or name == "style" for name in a)], (
            path
        )
        loaded = [a.get("src") for tag in ("img", "iframe") for a in outline.all(tag)]
        loaded += [a["href"] for a in outline.all("link") if a["rel"] in ("stylesheet", "icon")]
        assert all(address and address.startswith("/") and not address.startswith("//") for address in loaded), (
            path
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_has_a_label(every_page: Pages, language: str) -> None:
    for path, text in every_page[language].items():
        outline = Outline(text)
        labelled = {label.get("for") for label in outline.all("label")}
        fields = outline.all("input") + outline.all("select")
        for field in fields:
            if field.get("type") in ("hidden", "checkbox", "radio"):  # a box stands inside its label
                continue
            assert field.get("id") in labelled, (path, field)


@pytest.mark.parametrize("language", LANGUAGES)
def test_ids_are_unique_and_what_refers_to_them_finds_them(every_page: Pages, language: str) -> None:
    for path, text in every_page[language].items():
        outline = Outline(text)
        ids = [a["id"] for _, a in outline.tags if a.get("id")]
        assert len(ids) == len(set(ids)), path
        for name in ("aria-labelledby", "aria-describedby", "for"):
            wanted = {part for _, a in outline.tags for part in (a.get(name) or "").split()}
            assert wanted <= set(ids), (path, name)


def test_every_answer_carries_the_policy(portal: Portal) -> None:
    paths = ["/", "/de/", "/de/nowhere", "/static/vigie.css", "/api/v1/items", "/healthz", "/de/search?q=theem:x"]
    for path in paths:
        headers = portal.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'"), path
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "same-origin", path
        assert "set-cookie" not in headers, path


def test_an_error_that_nobody_foresaw_is_a_friendly_page_with_the_policy(portal: Portal) -> None:
    def broken() -> None:
        raise ZeroDivisionError("secret detail")

    portal.app.add_api_route("/fr/broken", broken)
    answer = portal.get("/fr/broken")
    assert answer.status_code == 500
    assert "La faute est de notre côté" in answer.text
    assert "secret detail" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_store_that_does_not_answer_is_said_in_the_readers_language(portal: Portal) -> None:
    with portal.store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE items RENAME TO gone")
    answer = portal.get("/de/")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"
    assert "Ein Teil von Vigie antwortet nicht" in answer.text
    assert "items" not in answer.text


def test_the_root_leads_to_the_language_that_the_browser_prefers(portal: Portal) -> None:
    answer = portal.get("/", headers={"Accept-Language": "es, fr;q=0.8, de;q=0.5"})
    assert (answer.status_code, answer.headers["location"]) == (307, "/fr/")
    assert answer.headers["vary"] == "Accept-Language"


def test_a_language_that_we_do_not_speak_is_no_page(portal: Portal) -> None:
    answer = portal.get("/xx/search", headers={"Accept-Language": "de"})
    assert answer.status_code == 404
    assert "Hier ist nichts" in answer.text


def test_the_first_page_has_one_address(portal: Portal) -> None:
    answer = portal.get("/de")
    assert (answer.status_code, answer.headers["location"]) == (308, "/de/")
    assert portal.get("/nowhere").status_code == 404
    assert portal.get("/de/search/").status_code == 404


def test_the_switch_keeps_page_and_choices(portal: Portal) -> None:
    text = portal.get("/de/search?q=Netz&theme=energy").text
    assert 'href="/fr/search?q=Netz&amp;theme=energy" hreflang="fr"' in text


def test_head_answers_like_get_without_a_body(portal: Portal) -> None:
    answer = portal.browser.head("/de/about")
    assert answer.status_code == 200
    assert answer.content == b""
    assert int(answer.headers["content-length"]) > 1000


def test_an_empty_archive_is_not_an_empty_page(portal_with: Opening) -> None:
    portal = portal_with()
    for language in LANGUAGES:
        for path in ("/", "/search", "/sources", "/operations"):
            assert portal.get(f"/{language}{path}").status_code == 200
    assert "Noch nichts im Archiv" in portal.get("/de/").text


def test_the_style_sheet_may_be_kept_because_its_address_changes_with_it(portal: Portal) -> None:
    address = Outline(portal.get("/de/").text).all("link")[0]["href"]
    assert address
    answer = portal.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    assert portal.get("/static/app.py").status_code == 404


def test_no_page_is_heavier_than_a_hundred_kilobytes(portal: Portal, every_page: Pages) -> None:
    css = len(portal.get("/static/vigie.css").content)
    pictures = sum(len(portal.get(f"/static/{name}").content) for name in ("mark.svg", "coast.svg"))
    for path, text in every_page["fr"].items():
        assert len(text.encode()) + css + pictures < 100_000, path

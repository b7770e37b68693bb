"""The page of the API: a form for each address, without JavaScript; Swagger UI where it is installed."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.portal import frontend
from services.portal.frontend import place_of
from services.portal.routes import API
from tests.unit.portal.conftest import furnished
from tests.unit.portal.site import LANGUAGES, Portal


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """No test changes anything."""
    yield from furnished(tmp_path_factory.mktemp("trying"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_address_has_a_form_with_what_it_takes(portal: Portal, language: str) -> None:
    text = portal.get(f"/{language}/api").text
    assert re.findall(r'name="path" value="([^"]*)"', text) == [path for _, path, *_ in API]
    form = text.split('value="/api/v1/items"')[1].split("</form>")[0]
    assert re.findall(r' name="(\w+)"', form) == ["q", "cursor", "limit", "order", "collapse"]
    assert re.findall(r"<option[^>]*>(\w+)", form) == ["newest", "oldest", "relevant"]
    assert 'value="50"' in form


@pytest.mark.parametrize(
    ("sent", "leads_to"),
    [
        ("path=/api/v1/items&q=Netz&cursor=&limit=50&order=oldest", "/api/v1/items?q=Netz&limit=50&order=oldest"),
        ("path=/api/v1/items/{item_id}&item_id=netz", "/api/v1/items/netz"),
        ("path=/api/v1/items/{item_id}&item_id=../../x?y", "/api/v1/items/..%2F..%2Fx%3Fy"),
        ("path=/api/v1/status", "/api/v1/status"),
        ("", "/de/api"),
    ],
)
def test_a_form_leads_to_the_address_that_it_means(portal: Portal, sent: str, leads_to: str) -> None:
    answer = portal.get(f"/de/api/go?{sent}")
    assert (answer.status_code, answer.headers["location"]) == (303, leads_to)


@pytest.mark.parametrize("path", ["https://evil.example.org/", "//evil.example.org", "/de/"])
def test_a_form_leads_nowhere_else(portal: Portal, path: str) -> None:
    assert portal.get("/de/api/go", params={"path": path}).status_code == 404


def test_only_files_of_the_list_are_given(tmp_path: Path) -> None:
    hidden = tmp_path / "node_modules" / "swagger-ui-dist" / "package.json"
    hidden.parent.mkdir(parents=True)
    hidden.write_text("{}")
    assert place_of("package.json", tmp_path) is None
    assert place_of("swagger-ui.css", tmp_path) is None
    (hidden.parent / "swagger-ui.css").write_text("")
    assert place_of("swagger-ui.css", tmp_path) == hidden.parent / "swagger-ui.css"
    assert not frontend.installed(tmp_path)


def test_what_npm_installs_is_pinned_to_one_version_and_its_content() -> None:
    wanted = json.loads((frontend.HERE / "package.json").read_text("utf-8"))["dependencies"]
    locked = json.loads((frontend.HERE / "package-lock.json").read_text("utf-8"))["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert [name for name, package in locked.items() if name and "integrity" not in package] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_swagger_ui_loads_our_own_files_alone(portal: Portal, language: str) -> None:
    answer = portal.get(f"/{language}/api/swagger")
    offered = "/api/swagger" in portal.get(f"/{language}/api").text
    if not frontend.installed():
        assert (answer.status_code, offered) == (404, False)
        pytest.skip("Swagger UI is not installed: make frontend")
    assert (answer.status_code, offered) == (200, True)
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "unsafe" not in portal.get(f"/{language}/api").headers["content-security-policy"]
    loaded = re.findall(r'(?:src|href)="(/static/[^"]*)"', answer.text)
    assert {path.split("?")[0] for path in loaded} >= {f"/static/{name}" for name in (*frontend.SWAGGER, "try.js")}
    for path in loaded:
        assert portal.get(path).status_code == 200
    assert "<style" not in answer.text
    assert re.findall(r"<script(?! src=)", answer.text) == []

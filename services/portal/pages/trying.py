"""The page of the API: what there is, and a form for each address, which sends the request and shows the answer.

The forms work without JavaScript. Where its files are installed, Swagger UI offers the same on a page of its own,
with the one Content-Security-Policy of ours that allows scripts: those of this portal.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from fastapi import Response
from fastapi.responses import RedirectResponse

from services.portal import frontend
from services.portal.allowance import PER_WINDOW
from services.portal.links import address
from services.portal.site import Page, ThePage
from shared.errors import NotFound

# code -> status, as the page of the API lists them; the type of a problem leads there
PROBLEMS: Final = (
    ("bad_request", 400),
    ("bad_query", 400),
    ("missing", 404),
    ("gone", 410),
    ("method", 405),
    ("busy", 429),
    ("broken", 500),
    ("unavailable", 503),
)
# Swagger UI's style sheet has its pictures in itself
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


@dataclass(frozen=True, slots=True)
class Input:
    """A parameter as a field of a form. `choices` are all values that it may have; `default` is filled in."""

    name: str
    means: str
    needed: bool
    number: bool
    default: str
    example: str
    choices: Sequence[str]


@dataclass(frozen=True, slots=True)
class Address:
    """An address of the API with what it takes."""

    path: str
    means: str
    inputs: Sequence[Input]


def show(page: ThePage) -> Response:
    """What there is, and how it is asked."""
    addresses = tuple(_addresses(_description(page)))
    return page.render(
        "api.html",
        public=page.portal_url,
        problems=PROBLEMS,
        per_minute=PER_WINDOW,
        addresses=addresses,
        swagger=frontend.installed(),
    )


def go(page: ThePage, path: str = "") -> Response:
    """From a form to the address that it means: what stands in the path of an address no form can fill in."""
    known = next((each for each in _addresses(_description(page)) if each.path == path), None)
    if not path:
        return RedirectResponse(f"{page.base}/api", 303)
    if known is None:
        raise NotFound(f"no address {path!r}")
    given = page.request.query_params
    filled, asked = path, []
    for each in known.inputs:
        if f"{{{each.name}}}" in path:
            filled = filled.replace(f"{{{each.name}}}", quote(given.get(each.name, ""), safe=""))
        else:
            asked.append((each.name, given.get(each.name, "")))
    return RedirectResponse(address(page.site.at(filled), asked), 303)


def swagger(page: ThePage) -> Response:
    """Swagger UI, where it is installed."""
    if not frontend.installed():
        raise NotFound("Swagger UI is not installed: make frontend")
    return page.render("swagger.html", headers={"Content-Security-Policy": POLICY})


def _description(page: Page) -> Mapping[str, Any]:
    description: Mapping[str, Any] = page.request.app.openapi()
    return description


def _addresses(description: Mapping[str, Any]) -> Iterator[Address]:
    for path, methods in description["paths"].items():
        operation = methods["get"]
        inputs = tuple(map(_input, operation.get("parameters", ())))
        yield Address(path, operation["description"], inputs)


def _input(parameter: Mapping[str, Any]) -> Input:
    schema = parameter["schema"]
    return Input(
        name=parameter["name"],
        means=parameter.get("description", ""),
        needed=parameter["required"],
        number=schema.get("type") == "integer",
        default=str(schema.get("default", "")),
        example=str(next(iter(schema.get("examples", ())), "")),
        choices=schema.get("enum", ()),
    )

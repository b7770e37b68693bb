"""The API in OpenAPI 3.1: what FastAPI knows of the routes, and what it cannot know."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from services.portal.allowance import PER_WINDOW
from shared.public_url import PublicUrl

VERSION: Final = "1.0.0"  # of this contract, not of the product
_ABOUT: Final = f"""The archive of what German and French bodies publish on AI and digital technology, for reading.

Nobody needs a key. A client has {PER_WINDOW} requests a minute; `RateLimit` says how many are left. An address
takes the parameters that stand here and no others, each once. Times are RFC 3339 in UTC. Errors are RFC 9457.
Answers carry an ETag.

Tags are assigned by a machine; `model` names it. Words and links are the publishers'.
"""
_NAMED: Final = {
    "RateLimit": "how many requests are left, and in how many seconds they are granted anew",
    "RateLimit-Policy": "how many requests a client has in how many seconds",
}
_PROBLEMS: Final = {
    "400": "A parameter or the query cannot be used; `detail` and `position` say why and where.",
    "404": "There is nothing of that name.",
    "410": "What had that name was taken out for good; `reason` says why.",
    "429": "Too many requests; Retry-After says for how many seconds.",
    "503": "A part of the service does not answer.",
}
_TAGS: Final = {
    "items": "Publications: found by a query, or one with its reasons and its history.",
    "counts": "What a query finds, counted: by every field, and over time.",
    "stories": "Publications about the same event.",
    "organisations": "Bodies that publications name.",
    "sources": "What is watched, and how that goes.",
    "status": "Whether all is well.",
}


class Description:
    """Made once, when somebody asks."""

    def __init__(self, app: FastAPI, public: PublicUrl) -> None:
        self._app, self._public = app, public

    def read(self) -> dict[str, Any]:
        return self._made

    @cached_property
    def _made(self) -> dict[str, Any]:
        made = get_openapi(
            title="Vigie",
            version=VERSION,
            openapi_version="3.1.0",
            description=_ABOUT,
            routes=self._app.routes,
            tags=[{"name": name, "description": says} for name, says in _TAGS.items()],
            servers=[{"url": self._public.url or "/", "description": "this installation"}],
            license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        )
        made["security"] = []  # nobody needs a key
        made["components"]["headers"] = {
            name: {"description": says, "schema": {"type": "string"}} for name, says in _NAMED.items()
        }
        for operation in _operations(made):
            _complete(operation)
        return made


def _operations(made: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in made["paths"].values():
        yield from path.values()


def _complete(operation: dict[str, Any]) -> None:
    """Every error by its status and media type, and the headers that every answer has."""
    responses = operation["responses"]
    schema = responses.pop("default")["content"]["application/json"]["schema"]
    said = {"application/problem+json": {"schema": schema}}
    for status, description in _PROBLEMS.items():
        if status not in ("404", "410") or any(
            parameter["in"] == "path" for parameter in operation.get("parameters", ())
        ):
            responses[status] = {"description": description, "content": said}
    responses["304"] = {"description": "The asker has just that: see If-None-Match."}
    for status, response in responses.items():
        named = [
            *_NAMED,
            *(["ETag"] if status in ("200", "304") else []),
            *(["Link"] if _pages(operation) else []),
        ]
        response["headers"] = {name: _header(name) for name in named if name != "Link" or status == "200"}


def _pages(operation: dict[str, Any]) -> bool:
    return any(parameter["name"] == "cursor" for parameter in operation.get("parameters", ()))


def _header(name: str) -> dict[str, Any]:
    if name in _NAMED:
        return {"$ref": f"#/components/headers/{name}"}
    says = {"ETag": "names this answer", "Link": "the following page, rel=next; missing at the end"}
    return {"description": says[name], "schema": {"type": "string"}}

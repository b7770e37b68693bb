"""What a reader gets when something is wrong: a page in their language, or RFC 9457 JSON below `/api`.

Never the text of an exception: it is written for operators, and may name files and hosts.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from services.portal.edge import HEADERS
from services.portal.ops.access import Denied, refuse
from services.portal.site import page_for
from shared.errors import BadInput, BadLink, NotFound, QueryError, Unavailable

log = logging.getLogger(__name__)

TITLES: Final[Mapping[str, str]] = {
    "missing": "There is nothing at this address.",
    "bad_request": "The request cannot be understood.",
    "bad_query": "The query cannot be understood.",
    "bad_link": "The link is damaged or too old.",
    "method": "This address does not answer this method.",
    "busy": "Too many requests; try again later.",
    "unavailable": "A part of the service does not answer. Try again in a minute.",
    "broken": "Something went wrong on our side. It was logged.",
}
STATUSES: Final = {400: "bad_request", 404: "missing", 405: "method", 429: "busy", 503: "unavailable"}


def add_handlers(app: FastAPI) -> None:
    """Answer every error of the tree, of FastAPI, and every unknown one."""
    app.add_exception_handler(Denied, lambda _, error: refuse(error))
    app.add_exception_handler(HTTPException, _of_status)
    app.add_exception_handler(RequestValidationError, _of_validation)
    for kind, (status, name) in {
        NotFound: (404, "missing"),
        BadLink: (404, "bad_link"),
        QueryError: (400, "bad_query"),
        BadInput: (400, "bad_request"),
        Unavailable: (503, "unavailable"),
        Exception: (500, "broken"),
    }.items():
        app.add_exception_handler(kind, _answering(status, name))


def _answering(status: int, kind: str) -> Callable[[Request, Exception], Response]:
    def answer(request: Request, error: Exception) -> Response:
        if status >= 500:
            log.error("request failed", extra={"status": status, "error_class": type(error).__name__})
        more = {"position": error.position} if isinstance(error, QueryError) else {}
        return problem(request, status, kind, more)

    return answer


def _of_status(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return problem(request, status, STATUSES.get(status, "broken" if status >= 500 else "bad_request"))


def _of_validation(request: Request, error: Exception) -> Response:
    """A path that does not fit is no page of ours; a parameter that does not fit is a bad request."""
    places = [part["loc"] for part in error.errors()] if isinstance(error, RequestValidationError) else []
    if any(place[0] == "path" for place in places):
        return problem(request, 404, "missing")
    return problem(request, 400, "bad_request", {"fields": [str(place[-1]) for place in places]})


def problem(request: Request, status: int, kind: str, more: Mapping[str, Any] | None = None) -> Response:
    """The error as the asker can read it."""
    headers = {
        **HEADERS,
        **({"Retry-After": "60"} if status in (429, 503) else {}),
    }  # a 500 does not pass the edge
    if request.url.path.startswith("/api/"):
        body = {"type": "about:blank", "title": TITLES[kind], "status": status, "code": kind, **(more or {})}
        return JSONResponse(body, status, headers, media_type="application/problem+json")
    return page_for(request).render("problem.html", status=status, headers=headers, kind=kind)

"""What a reader gets when something is wrong: a page in their language, or RFC 9457 JSON below `/api`.

Never the text of an exception: it is written for operators, and may name files and hosts. What is said of the
request itself is `detail`.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from services.portal.api.strict import BadParameter
from services.portal.edge import HEADERS
from services.portal.ops.access import Denied, refuse
from services.portal.site import page_for
from shared.archive.removal import Because
from shared.clock import rfc3339
from shared.errors import BadInput, BadLink, Gone, NotFound, QueryError, Unavailable

log = logging.getLogger(__name__)

TITLES: Final[Mapping[str, str]] = {
    "missing": "There is nothing at this address.",
    "gone": "What stood here was taken out for good.",
    "bad_request": "The request cannot be understood.",
    "bad_query": "The query cannot be understood.",
    "bad_link": "The link is damaged or too old.",
    "method": "This address does not answer this method.",
    "busy": "Too many requests; try again later.",
    "unavailable": "A part of the service does not answer. Try again in a minute.",
    "broken": "Something went wrong on our side. It was logged.",
}
REASONS: Final[Mapping[str, str]] = {
    Because.REQUEST: "Somebody whom it concerns asked for it.",
    Because.PUBLISHER: "The publisher withdrew it.",
    Because.LAW: "A court or an authority demands it.",
    Because.MISTAKE: "It should never have been collected.",
    Because.TIME: "The time is over for which it is kept here.",
}
STATUSES: Final = {400: "bad_request", 404: "missing", 405: "method", 429: "busy", 503: "unavailable"}


def add_handlers(app: FastAPI) -> None:
    """Answer every error of the tree, of FastAPI, and every unknown one."""
    app.add_exception_handler(Denied, lambda _, error: refuse(error))
    app.add_exception_handler(HTTPException, _of_status)
    app.add_exception_handler(RequestValidationError, _of_validation)
    for kind, (status, name) in {
        BadParameter: (400, "bad_request"),
        NotFound: (404, "missing"),
        Gone: (410, "gone"),
        BadLink: (404, "bad_link"),
        QueryError: (400, "bad_query"),
        BadInput: (400, "bad_request"),
        ClientDisconnect: (400, "bad_request"),  # whoever went while sending: nobody hears the answer
        Unavailable: (503, "unavailable"),
        Exception: (500, "broken"),
    }.items():
        app.add_exception_handler(kind, _answering(status, name))


def _answering(status: int, kind: str) -> Callable[[Request, Exception], Response]:
    def answer(request: Request, error: Exception) -> Response:
        if status >= 500:
            reason = {"reason": str(error)} if isinstance(error, Unavailable) else {}  # says what to do
            log.error("request failed", extra={"status": status, "error_class": type(error).__name__, **reason})
        return problem(
            request, status, kind, _said_of(error), wrong=error if isinstance(error, QueryError) else None
        )

    return answer


def _said_of(error: Exception) -> Mapping[str, Any]:
    """What is wrong with the request, for who wrote it."""
    match error:
        case QueryError():
            return {"detail": str(error), "position": error.position, "parameters": [_parameter("q", str(error))]}
        case Gone():
            said = {"reason": error.reason, "removed_at": rfc3339(error.at)}
            return {"detail": REASONS[error.reason], **said}
        case BadParameter():
            return {"detail": str(error), "parameters": [_parameter(error.name, str(error))]}
        case _:
            return {}


def _of_status(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    kind = STATUSES.get(status, "broken" if status >= 500 else "bad_request")
    return problem(request, status, kind, headers={"Allow": _allowed(request)} if status == 405 else None)


def _allowed(request: Request) -> str:
    """The methods that the address answers (RFC 9110, 15.5.6)."""
    matching = [route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE]
    methods = {method for route in matching for method in getattr(route, "methods", ())}
    return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))


def _of_validation(request: Request, error: Exception) -> Response:
    """A path that does not fit is no page of ours; a parameter that does not fit is a bad request."""
    wrong = error.errors() if isinstance(error, RequestValidationError) else []
    if any(part["loc"][0] == "path" for part in wrong):
        return problem(request, 404, "missing")
    parameters = [_parameter(str(part["loc"][-1]), str(part["msg"])) for part in wrong]
    detail = "; ".join(f"{each['name']}: {each['detail']}" for each in parameters)
    return problem(request, 400, "bad_request", {"detail": detail, "parameters": parameters})


def _parameter(name: str, detail: str) -> Mapping[str, str]:
    return {"name": name, "detail": detail}


def problem(
    request: Request,
    status: int,
    kind: str,
    more: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    wrong: QueryError | None = None,
) -> Response:
    """The error as the asker can read it. `more` is for programs, `wrong` for people."""
    headers = {
        **HEADERS,
        **({"Retry-After": "60"} if status in (429, 503) else {}),
        **(headers or {}),
    }  # a 500 does not pass the edge
    if request.url.path.startswith("/api/"):
        type_ = f"{page_for(request).portal_url}/en/api#{kind}"  # where the page of the API explains it
        body = {"type": type_, "title": TITLES[kind], "status": status, "code": kind, **(more or {})}
        return JSONResponse(body, status, headers, media_type="application/problem+json")
    reason = (more or {}).get("reason")
    part = next((each["name"] for each in (more or {}).get("parameters", ())), "")
    values = {"kind": kind, "reason": reason, "wrong": wrong, "part": part}
    return page_for(request).render("problem.html", status=status, headers=headers, **values)

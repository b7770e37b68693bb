"""An answer of the API: JSON with an ETag, and 304 for who has it already."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from fastapi import Request, Response
from pydantic import BaseModel

JSON: Final = "application/json"


def answer(request: Request, said: BaseModel, headers: Mapping[str, str] | None = None) -> Response:
    """`said`, unless the asker has just that."""
    return tagged(request, said.model_dump_json(), JSON, headers)


def tagged(
    request: Request, body: str | bytes, media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    """A body with an ETag of its own."""
    octets = body.encode() if isinstance(body, str) else body
    tag = f'"{sha256(octets).hexdigest()[:20]}"'
    headers = {"ETag": tag, **(headers or {})}
    if has_it(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(octets, headers=headers, media_type=media_type)


def has_it(request: Request, tag: str) -> bool:
    """Whether If-None-Match names the tag; weak and strong ones are the same here (RFC 9110, 13.1.2)."""
    named = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    return "*" in named or tag.removeprefix("W/") in named

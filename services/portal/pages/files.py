"""Our own files: one style sheet, two pictures, the schemas of the events."""

from typing import Final

from fastapi import Response
from fastapi.responses import FileResponse, JSONResponse

from services.portal.site import STATIC
from shared.errors import NotFound
from shared.events import schema_of

TYPES: Final = {"vigie.css": "text/css", "mark.svg": "image/svg+xml", "coast.svg": "image/svg+xml"}
A_DAY: Final = "public, max-age=86400"
FOR_EVER: Final = "public, max-age=31536000, immutable"  # an address with a version never changes its content


def show(name: str, v: str = "") -> Response:
    if name not in TYPES:
        raise NotFound(f"no file {name!r}")
    return FileResponse(STATIC / name, media_type=TYPES[name], headers={"Cache-Control": FOR_EVER if v else A_DAY})


def schema(kind: str) -> Response:
    """The schema that the events of this type name in `dataschema`."""
    return JSONResponse(schema_of(kind), media_type="application/schema+json", headers={"Cache-Control": A_DAY})

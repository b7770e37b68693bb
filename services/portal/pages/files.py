"""Files that pages load, ours and those that npm installed; and the schemas of the events."""

from typing import Final

from fastapi import Response
from fastapi.responses import FileResponse, JSONResponse

from services.portal.site import file_of
from shared.errors import NotFound
from shared.events import schema_of

TYPES: Final = {
    "vigie.css": "text/css",
    "mark.svg": "image/svg+xml",
    "coast.svg": "image/svg+xml",
    "try.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
}
A_DAY: Final = "public, max-age=86400"
FOR_EVER: Final = "public, max-age=31536000, immutable"  # an address with a version never changes its content


def show(name: str, v: str = "") -> Response:
    place = file_of(name) if name in TYPES else None
    if place is None:
        raise NotFound(f"no file {name!r}")
    return FileResponse(place, media_type=TYPES[name], headers={"Cache-Control": FOR_EVER if v else A_DAY})


def schema(kind: str) -> Response:
    """The schema that the events of this type name in `dataschema`."""
    return JSONResponse(schema_of(kind), media_type="application/schema+json", headers={"Cache-Control": A_DAY})

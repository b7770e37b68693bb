"""Files of others that a page loads: installed by npm as `frontend/package-lock.json` pins them, served by us.

They are no part of the repository. Where they are not installed, the page that needs them is not offered.
"""

from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent / "frontend"
SWAGGER: Final = {  # our name of a file -> where npm puts it
    "swagger-ui.css": "node_modules/swagger-ui-dist/swagger-ui.css",
    "swagger-ui-bundle.js": "node_modules/swagger-ui-dist/swagger-ui-bundle.js",
}


def installed(folder: Path = HERE) -> bool:
    """Whether `make frontend` ran here."""
    return all((folder / place).is_file() for place in SWAGGER.values())


def place_of(name: str, folder: Path = HERE) -> Path | None:
    """The file of this name, None for one that is not ours to give or not installed."""
    place = folder / SWAGGER[name] if name in SWAGGER else None
    return place if place is not None and place.is_file() else None

"""Pure. A place in a list that is sorted by `sort_at` and `id`, as an opaque text for links."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime

from shared.errors import BadInput


@dataclass(frozen=True, slots=True)
class Place:
    """Just after the item with this `sort_at` and `items.id`."""

    sort_at: datetime
    id: int


def encode(place: Place) -> str:
    """The place as text of letters, digits, - and _."""
    plain = f"{place.sort_at.isoformat()}|{place.id}"
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def decode(text: str) -> Place:
    """The place that `encode` wrote. Raises BadInput for anything else."""
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
        moment, _, number = plain.partition("|")
        place = Place(datetime.fromisoformat(moment), int(number))
    except (binascii.Error, ValueError) as error:
        raise BadInput(f"{text[:80]!r} is not a cursor of ours; begin at the first page") from error
    if place.sort_at.tzinfo is None or not 0 <= place.id < 2**63:
        raise BadInput(f"{text[:80]!r} is not a cursor of ours; begin at the first page")
    return place

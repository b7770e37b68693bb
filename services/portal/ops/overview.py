"""The pipeline at a glance: stages, sources, deliveries, dead letters."""

from typing import Final

from fastapi import Response

from services.portal.ops.access import OpsPage
from services.portal.site import PRIVATE
from shared.bus.dead import list_letters
from shared.subscriptions.deliveries import list_deliveries
from shared.telemetry.status import read_status

NEWEST_DELIVERIES: Final = 25
TONES: Final = {"pending": "", "sending": "", "sent": "good", "failed": "bad", "held": "warn"}


def show(page: OpsPage) -> Response:
    """The overview. What cannot be read makes the page say so, as the rest of the product does."""
    site = page.site
    pipeline = read_status(site.store, site.bus, site.clock)
    with site.store.reading() as session:
        deliveries = list_deliveries(session, limit=NEWEST_DELIVERIES)
    return page.render(
        "operations.html",
        headers=PRIVATE,
        pipeline=pipeline,
        letters=list_letters(site.bus),
        deliveries=deliveries,
        tones=TONES,
    )

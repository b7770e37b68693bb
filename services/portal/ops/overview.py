"""The pipeline at a glance: findings, stages, sources, deliveries, dead letters."""

from typing import Annotated, Final

from fastapi import Depends, Form, Response
from fastapi.responses import JSONResponse, RedirectResponse

from services.portal.ops.access import OpsPage, opened
from services.portal.site import PRIVATE, Page, page_for
from shared.bus.dead import list_letters
from shared.sources.proposals import accept_marked, waiting
from shared.subscriptions.deliveries import list_deliveries
from shared.telemetry.notices import withdraw
from shared.telemetry.status import read_status

NEWEST_DELIVERIES: Final = 25
TONES: Final = {"pending": "", "sending": "", "sent": "good", "failed": "bad", "held": "warn", "dropped": ""}


def show(page: OpsPage) -> Response:
    """The overview. What cannot be read makes the page say so, as the rest of the product does."""
    site = page.site
    status = read_status(site.store, site.bus, site.clock)
    with site.store.reading() as session:
        deliveries = list_deliveries(session, limit=NEWEST_DELIVERIES)
        proposed = waiting(session)
    return page.render(
        "operations.html",
        headers=PRIVATE,
        pipeline=status.facts,
        ok=status.ok,
        findings=status.findings,
        letters=list_letters(site.bus),
        deliveries=deliveries,
        proposed=proposed,
        tones=TONES,
    )


def clear(page: OpsPage, notice: Annotated[str, Form()]) -> Response:
    """An operator has read a notice: it is withdrawn. One that is gone already is as good."""
    with page.site.store.writing() as session:
        withdraw(session, notice)
    return RedirectResponse(f"{page.base}/operations", 303, headers=PRIVATE)


def accept(page: OpsPage, source: Annotated[str, Form()], proposal: Annotated[str, Form()]) -> Response:
    """An operator takes what is proposed about a source. What is not proposed any more is shown anew."""
    with page.site.store.writing() as session:
        accept_marked(session, source, proposal, page.site.store.now(session))
    return RedirectResponse(f"{page.base}/operations", 303, headers=PRIVATE)


def show_json(page: Annotated[Page, Depends(page_for)]) -> Response:
    """What `vigie status --json` says, for monitoring without a command line: 503 when something is red."""
    site = opened(page).site
    status = read_status(site.store, site.bus, site.clock)
    return JSONResponse(status.shown(), 200 if status.ok else 503, headers=PRIVATE)

"""Whether somebody may ask for a mail, and the alarm where all together ask for far too much."""

from typing import Final

from services.portal.site import Page
from services.portal.throttle import client_of
from shared.telemetry.facts import Weight
from shared.telemetry.notices import raise_notice, stands
from shared.telemetry.told import told

FLOOD: Final = "portal.flood"


def may_ask(page: Page) -> bool:
    """Whether the page's client may. Where everybody's limit says no, operators are told, until one clears it."""
    throttle, store = page.site.throttle, page.site.store
    if throttle.allows(client_of(page.client), page.now):
        return True
    if throttle.full(page.now):
        with store.reading() as session:
            known = stands(session, FLOOD)
        if not known:  # a flood must not become one of writes
            with store.writing() as session:
                raise_notice(session, FLOOD, Weight.WARNING, told(FLOOD), store.now(session))
    return False

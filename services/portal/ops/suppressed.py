"""Addresses that nothing is sent to: seen and lifted, also those that nobody has any more."""

from typing import Annotated

from fastapi import Form, Response

from services.portal.ops.access import OpsPage
from services.portal.site import PRIVATE
from shared.subscriptions.keyring import made_keys
from shared.subscriptions.suppressed import all_suppressed, lift_hash
from shared.subscriptions.version import changing


def show(page: OpsPage) -> Response:
    """Each with since when and why; whose it is where somebody has it."""
    with page.site.store.reading() as session:
        found = all_suppressed(session)
    return page.render("suppressed.html", headers=PRIVATE, found=found, lifted=False)


def lift(page: OpsPage, hash: Annotated[str, Form()] = "") -> Response:
    """Mails go there again."""
    with changing(page.site.store) as session:
        keys, now = made_keys(session, page.site.settings), page.site.store.now(session)
        lifted = lift_hash(session, hash, now, keys=keys)
        found = all_suppressed(session)
    return page.render("suppressed.html", headers=PRIVATE, found=found, lifted=lifted)

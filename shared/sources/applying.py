"""Writes that a way was seen to work, or that another one stands in place of the configured one."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from shared.sources.catalogue import SitemapRules
from shared.sources.routes import Route
from shared.sources.store import CATALOGUE, config_of, configure, source_row
from shared.sources.tables import SourceRow


def mark_verified(session: Session, source: str, now: datetime) -> None:
    """Somebody saw the configured way work. Raises NotFound."""
    row = source_row(session, source)
    row.verified, row.assumed = now, False
    session.add(row)


def apply_route(session: Session, source: str, route: Route, now: datetime) -> None:
    """Read a source by another way from now on. Raises NotFound."""
    row = source_row(session, source)
    take_route(row, route, now)
    row.next_due = now
    session.add(row)


def take_route(row: SourceRow, route: Route, now: datetime) -> None:
    """Read the source another way, also after the next start.

    The catalogue's own word stays what the route stands in place of, be it the first such route or the next.
    """
    config = config_of(row)
    if row.origin == CATALOGUE:
        replaced = row.route["instead_of"] if row.route and row.route["url"] == row.url else None
        row.route = route.stored(config) | ({"instead_of": replaced} if replaced else {})
    rules = SitemapRules(route.within) if route.within else None
    changed = replace(config, kind=route.kind, url=route.url, sitemap=rules, listing=None, assumed=False)
    configure(row, changed)
    row.found = row.searched = None
    row.assumed, row.verified = False, now

"""Asks sources whether the way that is configured works, and looks for another one where it does not.

Each is asked once, hosts are spaced as for polls, and a search ends in time. A listing page that works is compared
with the feed that the site may have. Nothing is stored.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from typing import Final

from services.collector.browser import needs_browser
from services.collector.bundle import Better, Found
from services.collector.dates import zone_of
from services.collector.detect import NeedsDecision, read_listing
from services.collector.listing import parse_listing
from services.collector.probe import LISTING, Look, Probe, Show, asked_again, described, look, rendered
from services.collector.robots import Robots
from services.collector.routes import best, best_from, homes
from services.collector.shape import Shape
from shared.errors import BadInput, Trouble
from shared.shown_url import without_secrets
from shared.sources.catalogue import Kind, SourceConfig
from shared.sources.routes import route_of
from shared.sources.states import Health, State, after_error
from shared.web.client import WebClient

THREADS: Final = 8
TITLES: Final = 3


Shapes = Mapping[str, Shape]  # by source: the blocks of listing pages that were accepted


def verify(
    web: WebClient,
    robots: Robots,
    sources: Sequence[SourceConfig],
    shapes: Shapes,
    *,
    off: bool = False,
    show: Show | None = None,
) -> Iterator[Found]:
    """The findings, as they come in. With `off`, sources that are off are asked too. `show` is the browser."""
    with ThreadPoolExecutor(THREADS, thread_name_prefix="verify") as pool:
        asked = [
            pool.submit(verify_one, web, robots, source, shapes.get(source.id), off=off, show=show)
            for source in sources
        ]
        for future in as_completed(asked):
            yield future.result()


def verify_one(
    web: WebClient,
    robots: Robots,
    source: SourceConfig,
    shape: Shape | None = None,
    *,
    off: bool = False,
    show: Show | None = None,
) -> Found:
    """What comes of a source. Never raises for what is there, or not."""
    found = _named(source)
    if source.kind is Kind.MAILBOX:
        return found.model_copy(update={"state": "mailbox", "cause": "a mailbox is the operator's own"})
    if not source.enabled and not off:
        return found.model_copy(update={"state": "off", "cause": source.off_reason})
    here = _looked(web, robots, source, shape, show)
    works = _is_as_configured(source, here.probe)
    seen = asked_again(web, here) if works else here.probe
    better = None
    if not works or source.kind is Kind.LISTING:
        better = _better(web, robots, source, here, instead=not works)
    return found.model_copy(update=_said(seen, works=works) | {"better": better})


def _named(source: SourceConfig) -> Found:
    route = route_of(source)
    shown = without_secrets(route.url)
    return Found(
        id=source.id, kind=route.kind, url=shown, within=route.within, named=source.named, state=State.NEW
    )


def _looked(web: WebClient, robots: Robots, source: SourceConfig, shape: Shape | None, show: Show | None) -> Look:
    """What is at the source's address, as a poll may see it: by its selectors, or its accepted block, if any."""
    if refusal := _refused(robots, source):
        return Look(refusal)
    if not source.browser:
        here = look(web, robots, source.url, source.country, source.languages, route_of(source).within)
    elif show is None:
        problem = str(needs_browser(source.url))
        return Look(Probe(without_secrets(source.url), False, problem, Trouble.NOT_A_FEED))
    else:
        here = rendered(web, robots, show, source.url, source.country)
    if here.fetched is None or source.kind is not Kind.LISTING or not (source.listing or shape):
        return here
    zone = zone_of(source.country)
    try:
        if source.listing:
            feed = parse_listing(here.fetched, source.listing, zone)
        else:
            feed = read_listing(here.fetched, shape, zone).feed
    except BadInput as error:
        trouble = error.trouble if isinstance(error, NeedsDecision) else Trouble.NOT_A_FEED
        return Look(Probe(here.probe.url, ok=False, problem=str(error), trouble=trouble), here.fetched)
    return Look(replace(described(here.probe, feed), sure=True), here.fetched)


def _refused(robots: Robots, source: SourceConfig) -> Probe | None:
    verdict, shown = robots.verdict(source.url), without_secrets(source.url)
    if verdict.allowed or source.robots_override or (source.kind is Kind.FEED and not verdict.reachable):
        return None
    if verdict.reachable:
        return Probe(shown, False, "robots.txt forbids it", Trouble.FORBIDDEN, robots="forbidden")
    return Probe(
        shown, False, "robots.txt cannot be read; pages wait for it", Trouble.CONNECT, robots="unreadable"
    )


def _is_as_configured(source: SourceConfig, found: Probe) -> bool:
    allowed = found.ok or (found.trouble is Trouble.FORBIDDEN and bool(source.robots_override))
    return allowed and found.format is not None and found.kind is source.kind


def _better(web: WebClient, robots: Robots, source: SourceConfig, here: Look, *, instead: bool) -> Better | None:
    """Another way: from what the address shows, else from the body's home page, or its host's.

    In place of a way that fails, `instead`, whatever works and leaves no doubt; beside a listing page only a feed.
    """
    if here.probe.trouble in (Trouble.BLOCKED, Trouble.BUSY):
        return None  # who turns us away, or wants to be left alone, is not asked further
    found = best_from(web, robots, here, source.url, source.country, source.languages)
    for home in homes(source) if instead else ():
        if not _is_another(source, found) and robots.verdict(home).allowed:
            found = best(web, robots, home, source.country, source.languages)
    if not _is_another(source, found) or (found.format == LISTING and not instead):
        return None
    return Better(
        kind=found.kind,
        url=found.url,
        within=found.within,
        items=found.entries,
        newest=found.newest,
        titles=_titles(found),
    )


def _is_another(source: SourceConfig, found: Probe) -> bool:
    usable = found.ok and found.sure and found.entries > 0
    return usable and (found.kind, found.url) != (source.kind, without_secrets(source.url))


def _said(found: Probe, *, works: bool) -> dict[str, object]:
    state, cause, trouble = _judged(found, works=works)
    return {
        "state": state,
        "trouble": trouble,
        "cause": cause,
        "items": found.entries if works else 0,
        "newest": found.newest if works else None,
        "robots": found.robots,
        "conditional": found.conditional,
        "language": found.language,
        "titles": _titles(found) if works else (),
    }


def _judged(found: Probe, *, works: bool) -> tuple[State, str, Trouble | None]:
    """State, cause and its class, as a poll would leave them."""
    if works and not found.sure:
        return (
            State.NEW,
            f"{found.entries} entries were found, and wait for somebody to accept them",
            Trouble.WAITS,
        )
    if works:
        return (State.OK if found.entries else State.EMPTY), "", None
    cause = found.problem or f"it is no longer what it was: there is {found.format} now"
    trouble = found.trouble or Trouble.NOT_A_FEED
    return after_error(Health(), trouble, cause).state, cause, trouble


def _titles(found: Probe) -> tuple[str, ...]:
    return tuple(entry.title for entry in found.shown[:TITLES])

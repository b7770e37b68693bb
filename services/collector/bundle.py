"""Pure. What `vigie sources verify` found, as a file that can be sent and read in, and what reading it in changes.

A bundle is a stranger's file: it says what was seen where, and no more than three things follow from it. A way
that worked is verified; a better one takes its place; a source whose way is a mere guess that leads nowhere, or
who turns us away, is switched off with the reason. Nothing is ever switched on.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.errors import BadInput, ConfigError, Trouble
from shared.shown_url import without_secrets
from shared.sources.catalogue import Kind, SourceConfig, source_config
from shared.sources.routes import Route
from shared.sources.states import State

FORMAT: Final = "vigie-routes-1"
MAX_BYTES: Final = 5_000_000
HOPELESS: Final = frozenset((Trouble.DNS, Trouble.HTTP_4XX, Trouble.GONE, Trouble.NOT_A_FEED))
NO_NETWORK: Final = "nothing in the bundle worked, which says more of who asked than of the sources"
REFUSED: Final = frozenset((State.BLOCKED, State.FORBIDDEN, State.GONE))


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Better(_Said):
    """Another way that works, with what it brings."""

    kind: Kind
    url: str
    within: str = ""
    items: int = 0
    newest: datetime | None = None
    titles: tuple[str, ...] = ()


class Found(_Said):
    """What came of a source: the way that was tried, its entries, the newest date, and the cause of no success.

    `state` is as of a source that is polled; `off` is what was not asked for, `mailbox` what needs an account. The
    `titles` are a few of its entries, for people who judge.
    """

    id: str
    kind: Kind
    url: str
    within: str = ""
    named: bool = False
    state: State | Literal["off", "mailbox"]
    trouble: Trouble | None = None
    cause: str = ""
    items: int = 0
    newest: datetime | None = None
    robots: str = ""
    conditional: bool = False
    language: str | None = None
    titles: tuple[str, ...] = ()
    better: Better | None = None

    @property
    def works(self) -> bool:
        """Whether it was read, even an empty document."""
        return self.state in (State.OK, State.EMPTY)


class Bundle(_Said):
    """Findings of one run, and when it was."""

    format: Literal["vigie-routes-1"]
    version: str
    made_at: datetime
    sources: tuple[Found, ...]


def read_bundle(body: bytes) -> Bundle:
    """The bundle in a file. Raises BadInput, saying what is wrong with it."""
    try:
        return Bundle.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise BadInput(f"this is no bundle of `vigie sources verify`: {where}: {first['msg']}") from error


class Change(StrEnum):
    """What follows for a source."""

    VERIFIED = "verified"
    ROUTE = "route"
    OFF = "off"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Step:
    """A change of one source, in words, or why there is none."""

    source: str
    change: Change
    why: str
    route: Route | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """A source as it is: what is configured now, and whether somebody saw that work."""

    config: SourceConfig
    verified: bool


def plan(bundle: Bundle, sources: Mapping[str, Present]) -> tuple[Step, ...]:
    """What reading the bundle in changes, source by source.

    Where nothing worked, it was the network of whoever asked, and nobody is switched off for that.
    """
    steps = (_step(found, sources.get(found.id), bundle.made_at) for found in bundle.sources)
    if any(found.works or found.better for found in bundle.sources):
        return tuple(steps)
    return tuple(
        replace(step, change=Change.NOTHING, why=NO_NETWORK) if step.change is Change.OFF else step
        for step in steps
    )


def changes(steps: Iterable[Step]) -> Iterator[Step]:
    """Those that change something."""
    return (step for step in steps if step.change is not Change.NOTHING)


def _step(found: Found, present: Present | None, made_at: datetime) -> Step:
    if present is None:
        return Step(found.id, Change.NOTHING, "there is no such source here")
    config = present.config
    if (found.kind, found.url) != (config.kind, without_secrets(config.url)):
        return Step(found.id, Change.NOTHING, f"it is read as {config.kind} at another address by now")
    if not config.enabled:
        hint = f"; it works, `vigie sources resume {found.id}` switches it on" if found.works else ""
        return Step(found.id, Change.NOTHING, f"it is off: {config.off_reason}{hint}")
    if found.better is not None:
        return _better(found, found.better, config)
    if found.works and found.items:
        if present.verified and not config.assumed:
            return Step(found.id, Change.NOTHING, "it was verified before")
        return Step(found.id, Change.VERIFIED, f"{found.items} entries, the newest {_day(found.newest)}")
    if found.state in REFUSED or (config.assumed and found.trouble in HOPELESS):
        return Step(found.id, Change.OFF, f"seen on {made_at:%Y-%m-%d}: {found.state}: {found.cause}"[:500])
    return Step(found.id, Change.NOTHING, found.cause or "nothing to go by")


def _better(found: Found, better: Better, config: SourceConfig) -> Step:
    route = Route(better.kind, better.url, better.within)
    try:
        routed(config, route)
    except ConfigError as error:
        return Step(found.id, Change.NOTHING, str(error))
    other = "" if _host(better.url) in (_host(config.url), _host(config.homepage)) else ", at another host"
    brings = f"{better.items} entries, the newest {_day(better.newest)}"
    return Step(found.id, Change.ROUTE, f"{better.kind} {better.url}{other}: {brings}", route)


def routed(config: SourceConfig, route: Route) -> SourceConfig:
    """A configuration that is read by this route. Raises ConfigError for one that cannot be."""
    block = {"id": config.id, "kind": route.kind.value, "url": route.url}
    checked = source_config(block | ({"sitemap": {"within": route.within}} if route.within else {}), "the bundle")
    return replace(
        config, kind=checked.kind, url=checked.url, sitemap=checked.sitemap, listing=None, assumed=False
    )


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _day(moment: datetime | None) -> str:
    return f"of {moment:%Y-%m-%d}" if moment else "without a date"

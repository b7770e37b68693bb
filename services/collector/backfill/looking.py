"""Looks back at one source, document by document: fetch, read, decide, publish in bulk, remember. In this order.

How far it came is remembered with what it found, so that one that is killed goes on where it was; what is repeated
changes nothing. It goes at half the pace that polls keep, for those may run beside it in another process.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from services.collector.backfill.documents import Document, Documents, Place, restored
from services.collector.backfill.plan import (
    NOTHING_OLDER,
    REACHED,
    Polls,
    Sorted,
    as_backfill,
    complete_from,
    sorted_out,
)
from services.collector.browser import Browser
from services.collector.decide import Plan, SourceFacts
from services.collector.fulltext.filling import FullText
from services.collector.fulltext.plan import told
from services.collector.identify import Identified, identify
from services.collector.memory import is_known, known_entries, pass_over, remember
from services.collector.robots import Robots
from services.collector.shape import restored as restored_shape
from shared.bus import BULK, COLLECTED, Bus
from shared.clock import Clock
from shared.errors import BadInput, Conflict, FetchFailed, Trouble
from shared.events import encode
from shared.identity import item_id_for_url
from shared.items import Purpose
from shared.shown_url import without_secrets
from shared.sources import look_backs
from shared.sources.store import config_of, source_row
from shared.sources.tables import LookBackRow, SourceRow
from shared.store import Store
from shared.web.client import WebClient

log = logging.getLogger(__name__)

STAGE: Final = "collector"
ONE_TEXT: Final = 90.0  # seconds for the full text of one entry, the host's turn included
AGAIN: Final = "the next page shows the same entries again"
_NOTHING_THERE: Final = (Trouble.HTTP_4XX, Trouble.GONE)
_NOT_FOR_US: Final = (*_NOTHING_THERE, Trouble.BLOCKED, Trouble.FORBIDDEN, Trouble.TOO_LARGE, Trouble.REFUSED)


@dataclass(frozen=True, slots=True)
class Step:
    """What one document gave. `problem` says why it gave nothing; `ended` how the look back ended with it."""

    url: str
    entries: int = 0
    sent: int = 0
    left_to_polls: int = 0
    oldest: datetime | None = None
    waiting: int = 0
    problem: str = ""
    ended: str = ""
    titles: tuple[str, ...] = ()


@dataclass(slots=True)
class _Progress:
    """Where a look back stands: the row in the store, and what need not outlive the process."""

    row: LookBackRow
    seen: set[str]


class LookBack:
    """Looks back at a source. With `dry` it reads the source's documents and writes nothing at all."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        web: WebClient,
        robots: Robots,
        clock: Clock,
        *,
        dry: bool,
        texts: bool,
        browser: Browser | None = None,
    ) -> None:
        self._store, self._bus, self._web, self._robots, self._clock = store, bus, web, robots, clock
        self._dry, self._browser = dry, browser
        self._texts = FullText(web, robots, clock) if texts else None

    def steps(self, source: str, since: datetime, way: str = "", most: int = 1000) -> Iterator[Step]:
        """Read on from where the last look back with the same aim stopped, at most `most` documents.

        Raises NotFound, Conflict for a source that was never read, and BadInput where the first document is none
        or a server is out of reach; what was found until then is kept.
        """
        with self._store.reading() as session:
            row = source_row(session, source)
        if row.last_success is None:
            raise Conflict(
                f"{source} was never read: poll it first, so that what is new is told from what is old."
            )
        config = config_of(row)
        shape = restored_shape(row.shape) if row.shape and way in ("", row.url) else None
        documents = Documents(self._web, self._robots, config, shape, self._browser)
        progress = _Progress(self._begun(row, since, way or row.url), set())
        for _ in range(most):
            if progress.row.ended or not progress.row.waiting:
                return
            yield self._step(row, documents, progress)

    def _begun(self, row: SourceRow, since: datetime, way: str) -> LookBackRow:
        first = [Place(way).stored()]
        if self._dry:
            now = self._clock.now()
            return LookBackRow(source=row.id, since=since, way=way, waiting=first, began_at=now, went_on_at=now)
        with self._store.writing() as session:
            found = look_backs.look_back_of(session, row.id)
            if found is None or found.ended or (found.since, found.way) != (since, way):
                found = look_backs.begun(session, row.id, since, way, first, self._store.now(session))
        return found

    def _step(self, row: SourceRow, documents: Documents, progress: _Progress) -> Step:
        back = progress.row
        place = restored(back.waiting[0])
        if place.article and self._was_seen(row.id, place.url):
            _followed(back, place, None)
            return self._kept(row, progress, place, Plan(), None)
        try:
            document = documents.read(place, back.since)
        except BadInput as error:
            return self._failed(row, progress, place, error)
        entries = identify(
            document.feed.entries, row.id, (document.feed.site, row.homepage, row.url, document.url)
        )
        with self._store.reading() as session:
            known = known_entries(session, row.id, entries)
            now = self._store.now(session)
        found = sorted_out(entries, back.since, min(row.last_success or now, now), now, _polls(row, back, place))
        plan = as_backfill(found.take, known, _facts(row), now, document.feed.language)
        _tally(back, entries, found)
        _followed(back, place, document)
        back.ended = _how_it_ends(progress, place, document, entries, found)
        return self._kept(row, progress, place, plan, found)

    def _was_seen(self, source: str, url: str) -> bool:
        with self._store.reading() as session:
            return is_known(session, source, item_id_for_url(url))

    def _failed(self, row: SourceRow, progress: _Progress, place: Place, error: BadInput) -> Step:
        """A document that gives nothing: the end of a chain, a gap, or a reason to stop and go on another day."""
        back = progress.row
        trouble = error.trouble if isinstance(error, FetchFailed) else Trouble.NOT_A_FEED
        if place == Place(back.way) or trouble not in (*_NOT_FOR_US, Trouble.NOT_A_FEED):
            raise error
        at_the_end = place.number > 1 and trouble in _NOTHING_THERE
        back.missed += not (at_the_end or place.article)
        _followed(back, place, None)
        back.ended = "" if back.waiting else NOTHING_OLDER
        return self._kept(row, progress, place, Plan(), None, problem="" if at_the_end else str(error))

    def _kept(
        self,
        row: SourceRow,
        progress: _Progress,
        place: Place,
        plan: Plan,
        found: Sorted | None,
        problem: str = "",
    ) -> Step:
        """Publish and remember, in this order, unless it is a dry run."""
        back = progress.row
        back.sent += len(plan.bulk)
        if not back.waiting and not back.ended:
            back.ended = NOTHING_OLDER
        if not self._dry:
            self._publish_and_remember(row, back, place, plan)
        return Step(
            url=without_secrets(place.url),
            entries=0 if found is None else len(found.take) + found.left_to_polls + found.too_old,
            sent=len(plan.bulk),
            left_to_polls=found.left_to_polls if found else 0,
            oldest=back.oldest,
            waiting=len(back.waiting),
            problem=problem,
            ended=back.ended,
            titles=tuple(item.title for item in plan.bulk),
        )

    def _publish_and_remember(self, row: SourceRow, back: LookBackRow, place: Place, plan: Plan) -> None:
        items = plan.bulk
        if self._texts is not None and row.reads_pages and items:
            items = self._texts.fill(items, within=ONE_TEXT * len(items))
        now = self._clock.now()
        bulk = [encode(item, purpose=Purpose.BACKFILL, stage=STAGE, now=now) for item in items]
        self._bus.publish(COLLECTED + BULK, bulk)
        pages = told(items)
        with self._store.writing() as session:
            moment = self._store.now(session)
            remember(session, [(row.id, plan.remember)], moment)
            if place.article and not items:
                pass_over(session, row.id, [item_id_for_url(place.url)], moment)
            self._save(session, row.id, back, moment, len(items), pages.read, pages.missed)

    def _save(
        self, session: Session, source: str, back: LookBackRow, now: datetime, items: int, read: int, missed: int
    ) -> None:
        back.went_on_at = now
        session.merge(back)
        complete = None if back.missed else complete_from(back.since, back.oldest, back.ended, len(back.visited))
        look_backs.brought(
            session, source, items=items, pages_read=read, pages_missed=missed, complete_since=complete
        )


def _polls(row: SourceRow, back: LookBackRow, place: Place) -> Polls:
    """What of the document at `place` the polls of the source bring."""
    if place.url == row.url:
        return Polls.ALL
    return Polls.NONE if place.number > 1 and back.way == row.url else Polls.FRESH


def _facts(row: SourceRow) -> SourceFacts:
    return SourceFacts(row.id, row.name, row.organisation, row.country, tuple(row.languages), row.full_text)


def _tally(back: LookBackRow, entries: tuple[Identified, ...], found: Sorted) -> None:
    back.entries += len(entries)
    back.oldest = min((date for date in (back.oldest, found.oldest) if date), default=None)


def _followed(back: LookBackRow, place: Place, document: Document | None) -> None:
    """Take the place from what waits, and what it leads to before the rest."""
    known = {*back.visited, place.url}
    more = [each.stored() for each in (document.more if document else ()) if each.url not in known]
    back.waiting = [*more, *back.waiting[1:]]
    if not place.article:
        back.visited = [*back.visited, place.url]


def _how_it_ends(
    progress: _Progress, place: Place, document: Document, entries: tuple[Identified, ...], found: Sorted
) -> str:
    """How a look back ends with this document; empty where it goes on."""
    back = progress.row
    keys = {entry.entry_key for entry in entries}
    again = document.chain and place.number > 1 and bool(keys) and keys <= progress.seen
    progress.seen |= keys
    if document.chain and found.newest is not None and found.newest < back.since:
        ended = REACHED
    elif again:
        ended = AGAIN
    else:
        return "" if back.waiting else NOTHING_OLDER
    back.waiting = []
    return ended

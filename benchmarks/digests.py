"""How long do the digests of 20,000 readers take at seven o'clock, and how long does news wait meanwhile?

Readers have one daily subscription each, of a few hundred queries, and some stories that wait. Everything is the
notifier's: assignment, claims, consent, letters, both parts, results; the relay takes at once and keeps nothing,
so that what is measured is ours. Items come while the digests are under way, for readers of their own, and are
matched, assigned and sent as ever. Times are of the processor, of this process, unless they say otherwise.

example: python benchmarks/digests.py
example: python benchmarks/digests.py --people 1000 --profile
"""

# ruff: noqa: T201 - a benchmark prints

import argparse
import cProfile
import pstats
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from common.items import invented
from sqlmodel import func, select

from services.notifier.app import TICK, match_and_assign
from services.notifier.assign import assign
from services.notifier.deliver import Deliverer
from services.notifier.mime import Mail
from services.notifier.outcomes import Outcome, Sent
from services.notifier.pen import Pen
from services.notifier.senders import FURTHER_TICK, SENDERS
from services.notifier.templates import load_templates
from shared.archive.store import archived_item, write
from shared.bus import ARCHIVED, Record
from shared.errors import Unavailable
from shared.events import encode
from shared.items import ClassifiedItem, Purpose
from shared.store import Store
from shared.store.migrate import upgrade
from shared.store.upsert import insert_all
from shared.subscriptions.keys import Keys
from shared.subscriptions.links import Links
from shared.subscriptions.tables import (
    DeliveryRow,
    MatchRow,
    MatchSubscriptionRow,
    PersonRow,
    SubscriptionRow,
)
from shared.subscriptions.words import Kind, State
from shared.themes import themes

EVENING = datetime(2026, 11, 1, 19, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)  # seven in Berlin
QUERIES = 300
ITEMS = 120
AT_ONCE = 20_000  # rows of one insert
SEED = 11
READERS_OF_NEWS = 20


class Clock:
    """It stands at the evening, then goes on from seven o'clock as time does."""

    def __init__(self) -> None:
        self.begun: float | None = None

    def now(self) -> datetime:
        if self.begun is None:
            return EVENING
        return MORNING + timedelta(seconds=time.monotonic() - self.begun)


class Counter:
    """A relay that takes at once, and remembers when the mails of news left."""

    def __init__(self) -> None:
        self.taken, self.bytes, self.news = 0, 0, dict[str, float]()

    def send(self, mail: Mail) -> Outcome:
        self.bytes += len(mail.as_bytes())
        self.taken += 1
        if mail.recipient.startswith("news"):
            self.news[mail.recipient] = time.monotonic()
        return Sent()

    def rest(self) -> None:
        """Nothing is held."""

    def halt(self) -> None:
        """Nothing lasts."""


class Gate:
    """Lets every mail leave."""

    def ready(self) -> None: ...
    def advance(self, session: Any) -> None: ...
    def seal(self) -> None: ...
    def count(self, connection: Any) -> None: ...
    def counted(self) -> None: ...
    def rest(self) -> None: ...


class World:
    """Readers, an archive, and the stories that wait for the readers' digests."""

    def __init__(self, folder: Path, people: int, stories: int) -> None:
        url = f"sqlite:///{folder / 'vigie.db'}"
        upgrade(url)
        self.clock, self.people, self.relay = Clock(), people, Counter()
        self.store = Store(url, self.clock)
        self._chance = Random(SEED)
        some = invented(ITEMS + READERS_OF_NEWS)
        self._news = [_of_its_own(each) for each in some[ITEMS:]]
        items = self._archive(some[:ITEMS])
        queries = [self._query() for _ in range(QUERIES)]
        self._fill("reader", people, queries, "daily", items, stories)
        self._fill("news", READERS_OF_NEWS, [""], "instant", [], 0)

    def _archive(self, some: Sequence[ClassifiedItem]) -> Sequence[Any]:
        with self.store.writing() as session:
            for each in some:
                write(session, each, Purpose.LIVE, EVENING)
        with self.store.reading() as session:
            return [archived_item(session, each.item.item_id) for each in some]

    def _query(self) -> str:
        """What every item meets: what is measured is what mails cost, not who gets them."""
        theme, word = self._chance.choice(tuple(themes())), self._chance.choice("abcdefgh")
        return f"theme:{theme} OR lang:de OR {word}{self._chance.randrange(1000)}"

    def _fill(
        self, name: str, count: int, queries: Sequence[str], every: str, items: Sequence[Any], stories: int
    ) -> None:
        people: list[dict[str, Any]] = []
        subscriptions, matches, links = list(people), list(people), list(people)
        for number in range(count):
            id_ = f"{name}{number:08}"
            language = ("de", "fr", "en")[number % 3]
            address = f"{id_}@example.org"
            people.append(_row(PersonRow(id=id_, address=address, language=language, created_at=EVENING)))
            query = self._chance.choice(queries)
            asked = EVENING - timedelta(days=300)
            subscriptions.append(
                _row(
                    SubscriptionRow(
                        id=id_,
                        person=id_,
                        query=query,
                        every=every,
                        language=language,
                        requested_at=asked,
                        confirmed_at=asked,
                    )
                )
            )
            for item in self._chance.sample(items, stories) if items else ():
                match = MatchRow(
                    id=len(matches) + 1,
                    person=id_,
                    story=item.story,
                    item_id=item.item_id,
                    every=every,
                    matched_at=EVENING,
                    due_at=MORNING,
                )
                matches.append(_row(match))
                why = [{"clause": "lang:de", "passage": ""}]
                link = {"match_id": match.id, "subscription": id_, "every": every, "reasons": why, "sure": True}
                links.append(link)
        for table, rows in (
            (PersonRow, people),
            (SubscriptionRow, subscriptions),
            (MatchRow, matches),
            (MatchSubscriptionRow, links),
        ):
            for start in range(0, len(rows), AT_ONCE):
                with self.store.writing() as session:
                    insert_all(session, table, rows[start : start + AT_ONCE])

    def sender(self, name: str) -> Deliverer:
        links = Links("https://vigie.example.org", Keys((b"a key",), (b"a key",)))
        return Deliverer(
            self.store,
            self.relay,
            Gate(),
            pen=Pen("Vigie <vigie@example.org>", load_templates()),
            links=lambda _: links,
            instance=name,
        )

    def news(self) -> Sequence[float]:
        """An item at a time, while digests leave: seconds from its record to the mail of its first reader."""
        handle, waited = match_and_assign(self.store, 0), []
        for number, each in enumerate(self._news):
            (item,) = self._archive([each])
            event = encode(item, purpose=Purpose.LIVE, stage="archivist", now=MORNING)
            self.relay.news.clear()
            begun = time.monotonic()
            handle([Record(ARCHIVED, 0, number, MORNING, event)])
            while not self.relay.news:
                time.sleep(0.01)
            waited.append(min(self.relay.news.values()) - begun)
            if self.over():
                break
        return waited

    def over(self) -> bool:
        with self.store.reading() as session:
            sent = select(func.count()).where(DeliveryRow.kind == Kind.DIGEST, DeliveryRow.state == State.SENT)
            return session.exec(sent).one() >= self.people


def _of_its_own(item: ClassifiedItem) -> ClassifiedItem:
    """What no reader of a digest asked for."""
    return item.model_copy(update={"verdict": item.verdict.model_copy(update={"language": "en", "themes": ()})})


def _row(row: Any) -> dict[str, Any]:
    return dict(row.model_dump())


def run(world: World, *, with_news: bool) -> Sequence[float]:
    """As the notifier's loops do: one thread assigns, three send, one matches."""
    done, waited = threading.Event(), list[float]()

    def loop(step: Callable[[], bool], idle: float) -> None:
        while not done.is_set():
            try:
                more = step()
            except Unavailable:  # as the product's loops: again in a while
                more = False
            if not more:
                done.wait(idle)

    steps = [(lambda: assign(world.store, 0), TICK), (world.sender("s").step, TICK)]
    steps += [(world.sender(f"s{n}").step, FURTHER_TICK) for n in range(1, SENDERS)]
    threads = [threading.Thread(target=loop, args=each) for each in steps]
    world.clock.begun = time.monotonic()
    for thread in threads:
        thread.start()
    if with_news:
        waited += world.news()
    while not world.over():
        time.sleep(1.0)
    done.set()
    for thread in threads:
        thread.join()
    return waited


def alone(world: World) -> tuple[float, float]:
    """Seconds of the processor for assigning and for sending, one after the other, in one thread."""
    world.clock.begun = time.monotonic()
    begun = time.process_time()
    while assign(world.store, 0):
        pass
    assigned = time.process_time()
    sender = world.sender("one")
    while sender.step():
        pass
    return assigned - begun, time.process_time() - assigned


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--stories", type=int, default=8, help="in each digest")
    parser.add_argument("--profile", action="store_true", help="one thread, and where its time goes")
    parser.add_argument("--alone", action="store_true", help="one thread, no news")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder:
        world = World(Path(folder), args.people, args.stories)
        with closing(world.store):
            if args.profile:
                profile = cProfile.Profile()
                profile.runcall(alone, world)
                pstats.Stats(profile).sort_stats("cumulative").print_stats(70)
            elif args.alone:
                assigned, sent = alone(world)
                each = world.relay.bytes / world.relay.taken / 1000
                print(f"{world.relay.taken:,} digests of {each:.1f} kB: ", end="")
                assigned, sent = (1000 * seconds / args.people for seconds in (assigned, sent))
                print(f"assigned {assigned:.1f} ms, sent {sent:.1f} ms each")
            else:
                begun, cpu = time.monotonic(), time.process_time()
                waited = run(world, with_news=True)
                took, cpu = time.monotonic() - begun, time.process_time() - cpu
                print(f"{args.people:,} digests: {cpu:,.0f} s of the processor, {took:,.0f} s by the clock")
                print(f"news waited {median(waited):.2f} s, {max(waited):.2f} s at most, of {len(waited)}")


if __name__ == "__main__":
    main()

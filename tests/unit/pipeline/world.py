"""All stages after the collector on a bus in memory and a real SQLite store, in a process that dies when told."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection
from sqlmodel import Session, select

from services.archivist.write import handler as archivist
from services.classifier.classify import handler as classifier
from services.classifier.meaning import meant
from services.classifier.model import ClassifiableText
from services.notifier.app import match_and_assign
from services.notifier.assign import assign
from services.notifier.deliver import Deliverer
from services.notifier.mime import Mail
from services.notifier.outcomes import Outcome, Sent
from services.notifier.pen import Pen
from services.notifier.templates import load_templates
from shared.archive.tables import ItemRow
from shared.bus import ARCHIVED, BULK, CLASSIFIED, COLLECTED
from shared.bus.consume import Consumer, Stage
from shared.events import encode
from shared.items import CollectedItem, Meaning, Purpose, Verdict
from shared.store import Store
from shared.subscriptions.keys import Keys
from shared.subscriptions.lifecycle import add_confirmed
from shared.subscriptions.links import Links
from shared.subscriptions.tables import DeliveryRow, MatchRow
from tests.archived import a_verdict, later
from tests.fakes import FakeClock
from tests.mailing import OpenGate
from tests.unit.pipeline.memory_bus import Crash, MemoryBus

READER = "leser@example.org"
KEYS = Keys((b"k" * 32,), (b"h" * 32,))


class CrashingStore(Store):
    """A store whose process may die before a transaction commits, and right after."""

    before: Callable[[str], None]

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[Session]:
        with super().writing(durable=durable) as session:
            yield session
            self.before("commit the store")
        self.before("committed the store")

    @contextmanager
    def brief(self) -> Iterator[Connection]:
        with super().brief() as connection:
            yield connection
            self.before("commit the store")
        self.before("committed the store")


_MEANT: dict[tuple[str, str], Meaning | None] = {}


def meant_once(item: CollectedItem) -> Meaning | None:
    """By the encoder that comes with Vigie, which is asked once for each text: a run of the world repeats few."""
    said = item.title, item.body()
    if said not in _MEANT:
        _MEANT[said] = meant(item)
    return _MEANT[said]


class WordModel:
    """Says energy of what has the word in its title: the simplest model that fits the port."""

    def __init__(self, name: str = "word-1", word: str = "Leuchtturm") -> None:
        self.name, self._word = name, word

    def classify(self, text: ClassifiableText) -> Verdict:
        themes = ("energy",) if self._word in text.title else ()
        return a_verdict(themes=themes, scores={"energy": float(bool(themes))}, reasons=(), model=self.name)


class Post:
    """A relay that takes every mail, and then may take the process with it."""

    def __init__(self, before: Callable[[str], None]) -> None:
        self.taken: list[str] = []
        self._before = before

    def send(self, mail: Mail) -> Outcome:
        self._before("hand the mail over")
        self.taken.append(mail.delivery)
        self._before("mail handed over")
        return Sent()

    def rest(self) -> None:
        """Nothing is held."""

    def halt(self) -> None:
        """Nothing lasts."""


class World:
    """`fuses` are numbers of steps: after so many, the process dies; the next fuse is for its successor.

    It also dies once at the step that `dies_at` names.
    """

    def __init__(self, folder: Path, template: Path, fuses: list[int], *, dies_at: str = "") -> None:
        self.clock = FakeClock(later(days=1))  # after everything that a test lets a source say
        self._fuses = list(fuses)
        self._left = self._fuses.pop(0) if self._fuses else None
        self._dies_at = dies_at
        self.deaths = 0
        shutil.copy(template, folder / "vigie.db")
        self.store = CrashingStore(f"sqlite:///{folder / 'vigie.db'}", self.clock)
        self.store.before = lambda _: None
        with self.store.writing() as session:
            add_confirmed(
                session, self.clock.now(), READER, query="theme:energy", every="instant", language="de", keys=KEYS
            )
        self.store.before = self.step
        self.bus = MemoryBus(self.clock, self.step)
        self.post = Post(self.step)
        self.model = WordModel()
        self.clock.advance(seconds=1)

    def close(self) -> None:
        self.store.close()

    def step(self, what: str) -> None:
        if what == self._dies_at:
            self._dies_at = ""
            raise Crash
        if self._left is None:
            return
        self._left -= 1
        if self._left < 0:
            self._left = self._fuses.pop(0) if self._fuses else None
            raise Crash

    def collect(self, item: CollectedItem, purpose: Purpose = Purpose.LIVE, *, times: int = 1) -> None:
        """The collector published it, `times` times: it died before it remembered."""
        topic = COLLECTED if purpose is Purpose.LIVE else COLLECTED + BULK
        message = encode(item, purpose=purpose, stage="collector", now=self.clock.now())
        fuse, self._left = self._left, None
        self.bus.publish(topic, [message] * times)
        self._left = fuse

    def run(self) -> None:
        """Processes live and die until nothing is left to do."""
        while True:
            try:
                self._live()
                return
            except Crash:
                self.deaths += 1
                self.clock.advance(seconds=1)

    def _live(self) -> None:
        deliverer = self._deliverer()
        consumers = [
            self._consumer(
                Stage(
                    "classifier", COLLECTED, classifier(self.model, self.clock, meant_once), batch=3, bulk_batch=2
                )
            ),
            self._consumer(Stage("archivist", CLASSIFIED, archivist(self.store), batch=3, bulk_batch=2)),
            self._consumer(Stage("notifier", ARCHIVED, match_and_assign(self.store, 0), batch=3)),
        ]
        quiet = False
        while not quiet:
            worked = [consumer.step() for consumer in consumers]
            worked += [assign(self.store, 0), deliverer.step()]
            quiet = not any(worked)

    def _consumer(self, stage: Stage) -> Consumer:
        return Consumer(self.bus, stage, wait=0.0, monotonic=lambda: 0.0, sleep=lambda _: None)

    def _deliverer(self) -> Deliverer:
        return Deliverer(
            self.store,
            self.post,
            OpenGate(),
            pen=Pen("Vigie <vigie@example.org>", load_templates()),
            links=lambda _: Links("https://vigie.example.org", KEYS),
            instance="one",
        )

    def items(self) -> list[ItemRow]:
        with self.store.reading() as session:
            return list(session.exec(select(ItemRow)).all())

    def matches(self) -> list[MatchRow]:
        with self.store.reading() as session:
            return list(session.exec(select(MatchRow)).all())

    def deliveries(self) -> list[DeliveryRow]:
        with self.store.reading() as session:
            return list(session.exec(select(DeliveryRow)).all())

    def copies(self) -> Counter[str]:
        """Delivery -> how often the relay took it."""
        return Counter(self.post.taken)

    def dead(self) -> int:
        return sum(len(log) for topic, log in self.bus.logs.items() if topic.endswith(".dead"))

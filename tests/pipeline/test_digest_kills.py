"""kill -9 while digests are handed over, two notifiers at work: one digest a slot, each doubled one counted."""

import os
import random
import signal
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any, Final

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlmodel import func, select

from shared.store import Store
from shared.subscriptions.tables import DeliveryRow, DigestRunRow
from shared.subscriptions.words import State
from tests.fakes import FakeClock
from tests.mailing import archive, match, subscribe
from tests.pipeline.harness import Vigie, wait_until
from tests.pipeline.mailbox import Mailbox

pytestmark = [pytest.mark.long, pytest.mark.slow, pytest.mark.timeout(600)]
READERS: Final = 300
KILLS: Final = 12
BETWEEN: Final = 20  # mails that are taken between two kills
NAMES: Final = ("a", "b")


class Deadly(Mailbox):
    """Every so many mails it kills one of the processes that send, before it answers to the final dot."""

    def __init__(self, vigie: Vigie, dice: random.Random) -> None:
        super().__init__()
        self._vigie, self._dice, self.killed, self.kills = vigie, dice, Event(), 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if len(self.mails) % BETWEEN == 0 and self.kills < KILLS and not self.killed.is_set():
            victim = self._dice.choice(sorted(self._vigie.processes))
            os.killpg(self._vigie.processes[victim].pid, signal.SIGKILL)
            self.kills += 1
            self.killed.set()
        return answer


def test_kills_between_the_words_and_the_answer_leave_one_digest_a_slot(
    tmp_path: Path, dice: random.Random, database_url: str, kafka_url: str
) -> None:
    places = {"VIGIE_DATABASE_URL": database_url, "VIGIE_BUS_URL": f"{kafka_url}?prefix=kills{dice.random()}."}
    vigie = Vigie(tmp_path, VIGIE_LOG_LEVEL="warning", **places)
    vigie.command("migrate")
    store = fill(database_url)
    with Deadly(vigie, dice) as mailbox, vigie:
        vigie.environ["VIGIE_SMTP_URL"] = mailbox.url
        for name in NAMES:
            start(vigie, name)
        while mailbox.kills < KILLS or mailbox.killed.is_set():
            assert mailbox.killed.wait(120), "nothing is sent any more"
            for name, process in tuple(vigie.processes.items()):
                if process.poll() is not None:
                    vigie.kill(name)
                    start(vigie, name.removeprefix("notifier"))
            mailbox.killed.clear()
        wait_until(lambda: over(store), 300, "every digest to be sent")
        taken = Counter((str(mail["To"]), str(mail["Message-ID"])) for mail in mailbox.mails)
    with store.reading() as session:
        unknown = session.exec(select(func.sum(DeliveryRow.unknown))).one()
        runs = session.exec(select(DigestRunRow)).all()
    store.close()
    assert len(runs) == len({(run.person, run.local_date, run.slot) for run in runs}) == READERS
    assert len(taken) == READERS
    assert sum(taken.values()) - READERS <= unknown


def start(vigie: Vigie, name: str) -> None:
    """A notifier with a journal of its own."""
    vigie.environ["VIGIE_JOURNAL"] = str(vigie.folder / f"{name}.journal")
    vigie.start_one("notifier", instance=name)


def fill(url: str) -> Store:
    """Digests that were due yesterday."""
    before: Any = FakeClock(datetime.now(UTC) - timedelta(days=2))
    store = Store(url, before)
    for number in range(READERS):
        subscribe(store, f"leser{number}@example.org", every="daily")
    match(store, archive(store, "one"), archive(store, "two"))
    store.close()
    return Store(url)


def over(store: Store) -> bool:
    with store.reading() as session:
        sent = select(func.count()).where(DeliveryRow.state == State.SENT)
        return session.exec(sent).one() == READERS

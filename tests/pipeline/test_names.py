"""Who runs under which name: a second holder is refused, and a killed one comes back at once."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.pipeline.harness import Vigie, wait_until
from tests.pipeline.mailbox import Mailbox

START = 30.0  # seconds for a process to start on a busy machine
BACK_WITHIN = 15.0  # seconds: the promise for a restart after kill -9
pytestmark = pytest.mark.slow


class SlowMailbox(Mailbox):
    """Answers the first mail only once `go` is set. `asked` says that it was offered."""

    def __init__(self) -> None:
        self.asked, self.go = threading.Event(), threading.Event()
        super().__init__()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if not self.asked.is_set():
            self.asked.set()
            while not self.go.is_set():
                await asyncio.sleep(0.02)
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture(params=["sqlite", "postgres"])
def installed(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Vigie]:
    """Makes installations on one database, each with a data folder of its own and no VIGIE_INSTANCE."""
    url = f"sqlite:///{tmp_path / 'common' / 'vigie.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("database_url")

    def installed(name: str, **settings: str) -> Vigie:
        folder = tmp_path / name
        folder.mkdir()
        return Vigie(folder, VIGIE_DATABASE_URL=url, **settings)

    return installed


def ask(vigie: Vigie) -> None:
    """One confirmation mail waits."""
    vigie.command("migrate")
    vigie.command("people", "add", "leser@example.org", "--query", "theme:energy", "--every", "daily")


def test_a_second_notifier_of_a_host_is_refused_and_takes_no_claim_of_the_first(
    installed: Callable[..., Vigie],
) -> None:
    with SlowMailbox() as mailbox, installed("one") as first, installed("two") as second:
        for each in (first, second):
            each.environ["VIGIE_SMTP_URL"] = mailbox.url
        ask(first)
        first.start("notifier")
        wait_until(mailbox.asked.is_set, START, "the mail is being sent")
        second.start("notifier")
        assert second.only.wait(timeout=START + 15) == 1
        said = second.log.read_text()
        mailbox.go.set()
        wait_until(lambda: first.status()["deliveries"]["sent"], START, "the mail is sent")
        assert first.status()["deliveries"]["unknown"] == 0
    assert "notifier is running already" in said
    assert "VIGIE_INSTANCE" in said
    assert "Traceback" not in said
    assert len(mailbox.mails) == 1


def test_a_killed_notifier_takes_up_its_claims_within_15_seconds(installed: Callable[..., Vigie]) -> None:
    with SlowMailbox() as mailbox, installed("one") as vigie:
        vigie.environ["VIGIE_SMTP_URL"] = mailbox.url
        ask(vigie)
        vigie.start("notifier")
        wait_until(mailbox.asked.is_set, START, "the mail is being sent")
        vigie.kill()
        vigie.start("notifier")
        wait_until(lambda: mailbox.mails, BACK_WITHIN, "the mail, although a claim holds for ten minutes")
        wait_until(lambda: vigie.status()["deliveries"]["sent"], START, "the ledger")
        assert vigie.status()["deliveries"]["unknown"] == 1
        assert len(mailbox.mails) == 1
        mailbox.go.set()

"""Bounces that real mail servers write, of mails that the product wrote: each read right, each of its mail.

Behind each server stands a provider that knows no such user, has a full mailbox, or is never ready.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from services.notifier.bounces.read import Bounce, read_bounce
from services.notifier.compose import compose
from services.notifier.outcomes import Sent
from services.notifier.smtp import SmtpRelay
from shared.subscriptions.ledger import new_id
from shared.subscriptions.links import bounced_mail
from tests.mailing import KEYS, LINKS, TEMPLATES
from tests.mtas import EXIM, OPENSMTPD, SENDMAIL, MailServer
from tests.pipeline.feeds import Entry, now, rss
from tests.pipeline.harness import Vigie, wait_until
from tests.postfix import Postfix
from tests.servers import FeedServer
from tests.unit.notifier.letters import a_letter
from tests.unit.notifier.relay import Relay

pytestmark = [pytest.mark.long, pytest.mark.slow, pytest.mark.timeout(600)]

NOBODY: Final = "<>"  # as the library gives an empty sender
NOW: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SAID: Final = {
    "gone": "550 5.1.1 <gone@example.org>: Recipient address rejected: User unknown",
    "full": "552 5.2.2 Mailbox is full",
    "later": "450 4.2.0 Greylisted, come back later",
    "blocked": "550 5.7.1 Client host blocked",
    "bare": "550 Unknown user",
}
Server = Callable[[int], AbstractContextManager[Any]]
SERVERS: Final[dict[str, Server]] = {
    "postfix": lambda port: Postfix(port, maximal_queue_lifetime="0", bounce_queue_lifetime="1d"),
    "exim": lambda port: MailServer(EXIM, port),
    "sendmail": lambda port: MailServer(SENDMAIL, port),
    "opensmtpd": lambda port: MailServer(OPENSMTPD, port),
}
# who -> what each server's bounce says; exim and opensmtpd have codes of their own for what they give up
VERDICTS: Final = {
    "gone": ("permanent", {"5.1.1"}),
    "full": ("transient", {"5.2.2"}),
    "later": ("transient", {"4.2.0", "4.4.7"}),
    "blocked": ("transient", {"5.7.1"}),
    "bare": ("permanent", {"5.0.0", "5.1.1"}),
}


class Provider(Relay):
    """Takes everything but mail to the few that `SAID` names."""

    def __init__(self) -> None:
        super().__init__()
        self.returned: list[tuple[str, bytes]] = []

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = SAID.get(address.partition("@")[0], "250 OK")
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert envelope.mail_from == NOBODY
        self.returned.append((envelope.rcpt_tos[0], envelope.original_content or b""))
        return "250 OK"


@pytest.fixture(scope="module", params=SERVERS)
def bounced(request: pytest.FixtureRequest) -> Iterator[dict[str, tuple[str, bytes]]]:
    """Who -> the mail that was sent, and what came back of it."""
    mails = {new_id(): who for who in SAID}
    with Provider() as provider:
        with SERVERS[request.param](provider.port) as server:
            relay = SmtpRelay(server.url)
            for delivery, who in mails.items():
                letter = a_letter(delivery=delivery, recipient=f"{who}@example.org")
                around = "bounces+@vigie.example.org"
                mail = compose(
                    letter,
                    sender="vigie@example.org",
                    links=LINKS,
                    templates=TEMPLATES,
                    now=NOW,
                    bounces_to=around,
                )
                assert relay.send(mail) == Sent()
            relay.rest()
            wait_until(lambda: len(provider.returned) == len(SAID), 120, "all five came back")
        found = {}
        for to, raw in provider.returned:
            delivery = bounced_mail(KEYS, to.partition("+")[2].partition("@")[0])
            assert delivery is not None, f"{to} came back changed"
            found[mails[delivery]] = (delivery, raw)
        yield found


@pytest.mark.parametrize("who", SAID)
def test_a_real_bounce_is_read_to_the_right_verdict(bounced: dict[str, tuple[str, bytes]], who: str) -> None:
    bounce = _read(bounced[who][1])
    verdict, codes = VERDICTS[who]
    assert bounce.verdict == verdict, bounced[who][1].decode("utf-8", "replace")
    assert bounce.code in codes


@pytest.mark.parametrize("who", SAID)
def test_it_names_its_mail_in_three_ways(bounced: dict[str, tuple[str, bytes]], who: str) -> None:
    delivery, raw = bounced[who]
    bounce = _read(raw)
    assert bounce.mail == delivery
    assert [bounced_mail(KEYS, token) for token in bounce.tokens] == [delivery]
    assert bounce.links


def test_a_mail_of_the_product_comes_back_through_postfix_and_its_reader_is_left_alone(tmp_path: Path) -> None:
    with Provider() as provider, Postfix(provider.port) as relay, FeedServer() as site:
        settings = {
            "VIGIE_SMTP_URL": relay.url,
            "VIGIE_MAIL_FROM": "vigie@example.org",
            "VIGIE_BOUNCES_TO": "bounces@vigie.example.org",
            "VIGIE_MODEL": "lexicon",
        }
        with Vigie(tmp_path, **settings) as vigie:
            site.serve("/feed.xml", rss([Entry("netz", "Leuchtturm an der Elbe", "Ein neues Licht.", now())]))
            vigie.sources(("haus", site.url("/feed.xml")))
            vigie.command("migrate")
            wish = ("--query", "Leuchtturm", "--every", "instant", "--confirmed")
            vigie.command("people", "add", "gone@example.org", *wish)
            vigie.start()
            ((to, raw),) = wait_until(lambda: provider.returned, 120, "the mail came back")
            (tmp_path / "returned.eml").write_bytes(raw)
            said = json.loads(vigie.command("bounces", "read", "--json", str(tmp_path / "returned.eml")))
            assert (said["verdict"], said["code"]) == ("permanent", "5.1.1")
            assert said["delivery"] in to
            (person,) = json.loads(vigie.command("people", "list", "--json"))
            assert person["suspension"]["code"] == "5.1.1"


def _read(raw: bytes) -> Bounce:
    """As a mailbox has it."""
    return read_bounce(b"Return-Path: <>\r\n" + raw)

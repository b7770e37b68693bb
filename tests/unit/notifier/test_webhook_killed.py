"""A process that is killed while it posts loses nothing: what it held goes out again, under the same id."""

import signal
import subprocess
import sys
from contextlib import closing
from ipaddress import ip_network
from pathlib import Path

import pytest

from services.notifier.webhooks.outbox import CLAIM
from services.notifier.webhooks.poster import Poster
from shared.clock import SystemClock
from shared.config import Settings
from shared.subscriptions.elsewhere import webhooks
from shared.subscriptions.version import changing
from shared.web.posting import Postman
from tests.fakes import FakeClock, a_store
from tests.hooks import PATIENCE, HookServer
from tests.mailing import archive, match, subscribe
from tests.pipeline.harness import wait_until

INSIDE = Settings(webhooks="any", allowed_networks=(ip_network("127.0.0.0/8"),))
POSTS = """
import sys
from ipaddress import ip_network
from services.notifier.webhooks.poster import Poster
from shared.clock import SystemClock
from shared.config import Settings
from shared.store import Store
from shared.web.posting import Postman

settings = Settings(webhooks="any", allowed_networks=(ip_network("127.0.0.0/8"),))
Poster(Store(sys.argv[1]), Postman(settings), SystemClock(), "https://vigie.example.org").step()
"""


@pytest.mark.long
def test_nothing_is_lost_where_a_process_is_killed_while_it_posts(tmp_path: Path) -> None:
    clock = FakeClock(SystemClock().now())
    with closing(a_store(tmp_path, clock)) as store, HookServer() as receiver:
        one = subscribe(store)
        with changing(store) as session:
            webhooks.make(session, one.id, receiver.url(), store.now(session))
        for item in ("one", "two", "three"):
            text = f"Das Netz {item} wächst ganz anders als alle übrigen im Land {item}."
            match(store, archive(store, item, title=f"Netz {item}", text=text))
        receiver.held = True
        process = subprocess.Popen([sys.executable, "-c", POSTS, f"sqlite:///{tmp_path / 'vigie.db'}"])
        wait_until(lambda: len(receiver.taken) == 1, PATIENCE, "the first post")
        process.send_signal(signal.SIGKILL)
        process.wait()
        receiver.let_go()
        clock.advance(seconds=(SystemClock().now() - clock.now()).total_seconds())
        poster = Poster(store, Postman(INSIDE), clock, "https://vigie.example.org")
        assert not poster.step()  # the claim holds: somebody may be at work
        clock.advance(seconds=CLAIM.total_seconds() + PATIENCE)
        assert poster.step()
        assert not poster.step()
        ids = [post.id for post in receiver.taken]
    assert (len(ids), len(set(ids))) == (4, 3)
    assert ids[0] in ids[1:]

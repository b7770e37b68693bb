"""The doctor asks what stands outside: the portal's public address; and it reads the files through."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from services.cli.doctor import CHECKS
from services.portal.app import build
from services.portal.server import Portal
from shared.bus import COLLECTED, Message
from shared.bus.sqlite import SqliteBus
from shared.clock import SystemClock
from shared.config import Settings
from shared.errors import BusUnavailable, ConfigError, StoreUnavailable
from shared.store import Store
from shared.subscriptions.keyring import made_keys
from tests.fakes import a_store
from tests.servers import FeedServer


def an_installation(folder: Path, **settings: str) -> Settings:
    """Settings with a database that has its keys."""
    store = a_store(folder)
    made = Settings(data_dir=folder, http="127.0.0.1:0", **settings)  # type: ignore[arg-type]
    with store.writing() as session:
        made_keys(session, made)
    store.close()
    return made


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[tuple[Settings, str]]:
    """An installation whose portal runs, and the portal's address."""
    settings = an_installation(tmp_path / "ours")
    store, bus = Store(settings.store_url), SqliteBus(settings.data_dir / "bus.db")
    portal: Portal = build(settings, store, bus, SystemClock())
    portal.start()
    yield settings, "http://{}:{}".format(*portal.address)
    portal.stop(10)
    bus.close()
    store.close()


def public(settings: Settings, url: str) -> str:
    return CHECKS["public"](replace(settings, public_url=url))


def test_the_public_address_of_our_own_portal_is_sound(serving: tuple[Settings, str]) -> None:
    settings, url = serving
    assert public(settings, url) == f"the portal of this installation answers at {url}"


def test_the_portal_of_another_installation_is_told(serving: tuple[Settings, str], tmp_path: Path) -> None:
    other = an_installation(tmp_path / "other")
    with pytest.raises(ConfigError, match="not the portal of this installation"):
        public(other, serving[1])


@pytest.mark.parametrize("status", [200, 404, 500])
def test_another_server_at_the_public_address_is_told(tmp_path: Path, status: int) -> None:
    settings = an_installation(tmp_path)
    with FeedServer() as site:
        site.serve("*", "welcome", status=status)
        with pytest.raises(ConfigError, match=r"not the portal of this installation.*VIGIE_PUBLIC_URL"):
            public(settings, site.url().rstrip("/"))


def test_a_public_address_that_redirects_is_told_for_one_click_follows_none(
    serving: tuple[Settings, str], tmp_path: Path
) -> None:
    settings, url = serving
    with FeedServer() as site:
        site.redirect("*", f"{url}{{path}}")
        with pytest.raises(ConfigError, match=f"redirects to {url}.*one click"):
            public(settings, site.url().rstrip("/"))


def test_a_public_address_where_nobody_answers_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"http://127\.0\.0\.1:1/?:.*Is the portal running"):
        public(an_installation(tmp_path), "http://127.0.0.1:1")


def test_mails_whose_links_lead_nowhere_are_told(tmp_path: Path) -> None:
    settings = an_installation(tmp_path)
    assert "no public address is set" in CHECKS["public"](settings)
    with pytest.raises(ConfigError, match="set VIGIE_PUBLIC_URL"):
        CHECKS["public"](replace(settings, smtp_url="smtp://relay.example.org"))


def test_networks_that_are_not_allowed_for_sources_do_not_hide_our_own_address(
    serving: tuple[Settings, str],
) -> None:
    settings, url = serving
    assert settings.allowed_networks == ()
    assert public(replace(settings, allowed_networks=(ip_network("192.0.2.0/24"),)), url)


# ---- files


def damage(path: Path) -> None:
    """Overwrite a page in the middle, behind the header and the schema."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    with path.open("r+b") as file:
        for page in range(pages // 2, pages):
            file.seek(page * size)
            file.write(b"\xff" * 200)


def test_a_damaged_database_is_told_with_what_to_do(tmp_path: Path) -> None:
    settings = an_installation(tmp_path)
    assert CHECKS["database"](settings).endswith("has the schema of this program, and is whole")
    damage(tmp_path / "vigie.db")
    with pytest.raises(StoreUnavailable, match=r"vigie\.db .*backup"):
        CHECKS["database"](settings)


def test_a_damaged_bus_is_told_with_what_to_do(tmp_path: Path) -> None:
    settings = an_installation(tmp_path)
    bus = SqliteBus(tmp_path / "bus.db")
    bus.publish(COLLECTED, [Message(str(n), b"x" * 2000) for n in range(100)])
    bus.close()
    assert "is whole and answers" in CHECKS["bus"](settings)
    damage(tmp_path / "bus.db")
    with pytest.raises(BusUnavailable, match=r"bus\.db is damaged.*keep a copy"):
        CHECKS["bus"](settings)

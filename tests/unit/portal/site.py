"""A portal on real parts, with a small archive, for the tests of its pages."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel import select

from services.portal.app import create_app
from shared.archive.store import write
from shared.bus import TOPICS
from shared.bus.sqlite import SqliteBus
from shared.config import Settings
from shared.items import ClassifiedItem, Purpose, Reason
from shared.store import Store
from shared.subscriptions.keyring import made_keys
from shared.subscriptions.keys import Keys
from shared.subscriptions.lifecycle import add_confirmed, request
from shared.subscriptions.links import Purpose as LinkPurpose
from shared.subscriptions.links import confirm_token, sign
from shared.subscriptions.tables import SubscriptionRow
from tests.archived import a_classified, a_verdict
from tests.fakes import FakeClock, a_store

with warnings.catch_warnings():  # starlette asks for a successor of httpx that is not released yet
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

LANGUAGES = ("de", "fr", "en")
ADDRESS = "reader@example.org"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Portal:
    """The application, what it stands on, and a browser."""

    app: FastAPI
    store: Store
    bus: SqliteBus
    clock: FakeClock
    settings: Settings
    browser: TestClient

    def close(self) -> None:
        self.bus.close()
        self.store.close()

    def get(self, path: str, **options: Any) -> Any:
        return self.browser.get(path, follow_redirects=False, **options)

    def post(self, path: str, form: Any = None, **headers: str) -> Any:
        sent = {name.replace("_", "-"): value for name, value in headers.items()} or SAME_ORIGIN
        return self.browser.post(path, data=form or {"": ""}, headers=sent, follow_redirects=False)

    def archive(self, *items: ClassifiedItem, purpose: Purpose = Purpose.LIVE) -> None:
        with self.store.writing() as session:
            for item in items:
                write(session, item, purpose, self.clock.now())

    def subscribed(self, query: str = "theme:energy", every: str = "instant", address: str = ADDRESS) -> str:
        """The id of a confirmed subscription."""
        with self.store.writing() as session:
            return add_confirmed(
                session, self.clock.now(), address, query, every, "de", keys=self.keys(session)
            ).id

    def asked(self, query: str = "theme:energy", every: str = "daily") -> str:
        """The token of the confirmation mail of a wish."""
        with self.store.writing() as session:
            now, keys = self.clock.now(), self.keys(session)
            request(session, now, ADDRESS, query, every, "de", keys=keys)
            row = session.exec(select(SubscriptionRow)).one()
            return confirm_token(keys, row.id, row.requested_at)

    def token(self, purpose: LinkPurpose, subject: str) -> str:
        with self.store.writing() as session:
            return sign(self.keys(session), purpose, subject)

    def keys(self, session: Any) -> Keys:
        return made_keys(session, self.settings)

    def subscriptions(self) -> Sequence[SubscriptionRow]:
        with self.store.reading() as session:
            return session.exec(select(SubscriptionRow)).all()

    def dump(self) -> list[str]:
        """Every row of the database, to see whether anything changed.

        A full text index is looked at in the tables beneath it: it keeps no texts of its own to be listed.
        """
        kept = text("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'")
        with self.store.reading() as session:
            names = session.execute(kept).scalars().all()
            rows = {name: session.execute(text(f'SELECT * FROM "{name}"')).all() for name in sorted(names)}
        return [f"{name} {tuple(row)}" for name, found in rows.items() for row in found]


Opening = Callable[..., Portal]  # a portal with other settings


def a_portal(folder: Path, **settings: Any) -> Portal:
    clock = FakeClock()
    values = {"data_dir": folder, "http": "127.0.0.1:8080", **settings}
    chosen = Settings(**values)
    store = a_store(folder, clock)
    bus = SqliteBus(folder / "bus.db", clock)
    bus.ensure_topics(TOPICS)
    app = create_app(chosen, store, bus, clock)
    browser = TestClient(
        app, base_url="http://127.0.0.1:8080", raise_server_exceptions=False, client=("127.0.0.1", 4711)
    )
    return Portal(app, store, bus, clock, chosen, browser)


def a_german_item(item_id: str = "netz", **fields: Any) -> ClassifiedItem:
    verdict = a_verdict(
        language="de",
        scores={"energy": 0.93, "health": 0.2},
        themes=("energy",),
        sovereignty=0.8,
        franco_german=True,
        reasons=(
            Reason(label="energy", passage="das Netz", weight=0.7),
            Reason(label="sovereignty", passage="ohne Anbieter aus Übersee", weight=1.0),
        ),
    )
    values = {
        "title": "KI steuert das Netz",
        "summary": "Forschende lassen das Netz lernen, ohne Anbieter aus Übersee.",
        "text": "Forschende lassen das Netz lernen, ohne Anbieter aus Übersee. Mehr folgt.",
        **fields,
    }
    return a_classified(item_id, verdict=verdict, **values)

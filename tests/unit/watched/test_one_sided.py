"""What one country's bodies published and the other's did not: only where that is proven, and taken back."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from services.cli import main
from services.portal.app import create_app
from shared.archive.meanings import keep
from shared.archive.store import write
from shared.archive.tables import ItemRow
from shared.bus import TOPICS
from shared.bus.sqlite import SqliteBus
from shared.config import Settings
from shared.errors import BadInput
from shared.items import Purpose
from shared.meaning.encoder import the_encoder
from shared.sources.tables import SourceRow
from shared.store import Store
from shared.watched.one_sided import Board, boards
from shared.watched.rules import Proof, Why
from shared.watched.spans import note_break, note_proof
from tests.archived import a_classified, a_verdict
from tests.fakes import FakeClock, a_store
from tests.unit.portal.site import Portal, TestClient

DAY = timedelta(days=1)
LAB = (
    "Dunkerque accueille une usine de batteries au sodium",
    "Bosch investira 900 millions d'euros dans les Hauts-de-France. À la clé : 650 emplois d'ici à 2029.",
)
LABOR = (
    "Bosch baut Batterien mit Natrium",
    "Bosch baut bei Dünkirchen ein Werk für 900 Millionen Euro. 650 Menschen sollen dort arbeiten.",
)
OTHER = ("Großbatterie bei Lübeck geht ans Netz", "Der Speicher an Land fasst 240 Megawattstunden.")


@dataclass
class World:
    """A French and two German bodies, watched for sixty days, and an archive."""

    store: Store
    bus: SqliteBus
    clock: FakeClock
    began: datetime

    def archive(
        self,
        name: str,
        country: str,
        words: tuple[str, str],
        day: int,
        *,
        theme: str = "energy",
        meant: bool = True,
    ) -> None:
        """An item of `day` days after the beginning; without `meant` it has no vectors."""
        verdict = a_verdict(language=country, themes=(theme,), scores={theme: 0.9})
        fields = {"source": f"{country}1", "country": country.upper(), "title": words[0], "text": words[1]}
        event = a_classified(name, verdict=verdict, published=self.began + day * DAY, **fields)
        with self.store.writing() as session:
            write(session, event, Purpose.LIVE, self.clock.now())
            if meant:
                number = session.exec(select(col(ItemRow.id)).where(col(ItemRow.item_id) == name)).one()
                keep(session, {number or 0: (event.item.content_hash, the_encoder().of_item(*words))})

    def board(self, country: str = "fr") -> Board:
        return next(b for b in boards(self.store, self.bus, "energy") if b.country == country)

    def said(self) -> list[str]:
        return [each.item.item_id for each in self.board().standing]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Day 60 of the world."""
    clock = FakeClock()
    with closing(a_store(tmp_path, clock)) as store, closing(SqliteBus(tmp_path / "bus.db", clock)) as bus:
        bus.ensure_topics(TOPICS)
        began = clock.now()
        with store.writing() as session:
            for id_ in ("fr1", "de1", "de2"):
                url = f"https://{id_}.example.org/feed"
                session.add(SourceRow(id=id_, name=id_, url=url, country=id_[:2].upper()))
                note_proof(session, id_, Proof(began, began + 90 * DAY, id_))
        clock.advance(days=60)
        yield World(store, bus, clock, began)


def test_what_no_body_of_the_other_country_told_is_said_with_how_many_were_watched(world: World) -> None:
    world.archive("lab", "fr", LAB, 40)
    world.archive("other", "de", OTHER, 41, theme="climate")
    (lone,) = world.board().standing
    assert (lone.item.item_id, lone.watched, lone.late) == ("lab", 2, None)


def test_a_counterpart_in_other_words_before_or_after_is_one(world: World) -> None:
    world.archive("lab", "fr", LAB, 40)
    world.archive("labor", "de", LABOR, 36, theme="industry40")
    assert world.said() == []


def test_a_counterpart_that_comes_late_takes_the_statement_back(world: World) -> None:
    world.archive("lab", "fr", LAB, 40)
    assert world.said() == ["lab"]
    world.archive("labor", "de", LABOR, 52)
    assert world.said() == []
    (withdrawn,) = world.board().withdrawn
    assert withdrawn.late is not None
    assert (withdrawn.item.item_id, withdrawn.late.item_id) == ("lab", "labor")


def test_nothing_is_said_before_the_days_have_gone_by(world: World) -> None:
    world.archive("lab", "fr", LAB, 55)
    board = world.board()
    assert (board.lone, board.asked) == ((), 0)


def test_a_body_with_a_gap_in_those_days_is_not_called_silent(world: World) -> None:
    world.archive("lab", "fr", LAB, 58 - 7)
    with world.store.writing() as session:
        note_break(session, "de1", Why.FAILING, "503")
    (lone,) = world.board().standing
    assert lone.watched == 1
    with world.store.writing() as session:
        note_break(session, "de2", Why.FAILING, "503")
    board = world.board()
    assert (board.lone, board.asked, board.unproven) == ((), 1, 1)


def test_a_body_whose_publication_cannot_be_compared_is_not_called_silent(world: World) -> None:
    world.archive("lab", "fr", LAB, 40)
    world.archive("labor", "de", LABOR, 41, meant=False)
    (lone,) = world.board().standing
    assert lone.watched == 1


def test_a_theme_that_does_not_exist_and_days_out_of_range_are_refused(world: World) -> None:
    with pytest.raises(BadInput, match="no theme 'weather'"):
        boards(world.store, world.bus, "weather")
    with pytest.raises(BadInput, match="1 to 30"):
        boards(world.store, world.bus, "energy", 31)


def test_the_command_says_it_in_words_and_as_json(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VIGIE_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert main(["one-sided", "energy"]) == 0
    assert "French bodies on energy, no German counterpart found within 7 days: 0 of 0" in capsys.readouterr().out
    assert main(["one-sided", "energy", "--json"]) == 0
    assert [board["country"] for board in json.loads(capsys.readouterr().out)] == ["FR", "DE"]
    assert main(["one-sided", "weather"]) == 2


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", "Kein Gegenstück gefunden bei den 2 deutschen Stellen, die durchgehend beobachtet wurden."),
        ("fr", "Aucun équivalent trouvé chez les 2 organismes allemands suivis sans interruption."),
        ("en", "No counterpart found at the 2 German bodies that were watched throughout."),
    ],
)
def test_the_page_says_in_words_that_no_counterpart_was_found(
    world: World, tmp_path: Path, language: str, words: str
) -> None:
    world.archive("lab", "fr", LAB, 40)
    with closing(a_portal_on(world, tmp_path)) as portal:
        page = portal.get(f"/{language}/one-sided?theme=energy")
        assert page.status_code == 200
        assert LAB[0] in page.text
        assert words in page.text
        assert portal.get(f"/{language}/one-sided").status_code == 200
        assert portal.get(f"/{language}/one-sided?theme=weather").status_code == 400


def test_the_api_gives_both_boards_and_what_was_withdrawn(world: World, tmp_path: Path) -> None:
    world.archive("lab", "fr", LAB, 40)
    world.archive("labor", "de", LABOR, 52)
    with closing(a_portal_on(world, tmp_path)) as portal:
        french, german = portal.get("/api/v1/one-sided?theme=energy").json()["boards"]
        assert (french["country"], german["country"]) == ("FR", "DE")
        assert french["no_counterpart_found"] == []
        assert french["withdrawn"][0]["late"]["item_id"] == "labor"
        assert portal.get("/api/v1/one-sided?theme=weather").status_code == 400


def a_portal_on(world: World, folder: Path) -> Portal:
    """A portal on the world's own store, bus and clock."""
    settings = Settings(data_dir=folder, http="127.0.0.1:8080")
    app = create_app(settings, world.store, world.bus, world.clock)
    browser = TestClient(app, base_url="http://127.0.0.1:8080", client=("127.0.0.1", 4711))
    return Portal(app, world.store, world.bus, world.clock, settings, browser)

"""The operators' daily mail about sources, in their language."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from services.collector import telling
from services.collector.sick import Patient, letter
from services.collector.telling import tell
from shared.config import load_settings
from shared.errors import ConfigError
from shared.items import LANGUAGES
from shared.locales import NARROW, load_texts
from shared.sources.catalogue import Kind
from shared.sources.proposed import Block, Found, Proposal
from shared.sources.routes import Route
from shared.sources.states import State
from shared.sources.store import source_row
from shared.subscriptions.tables import DeliveryRow
from tests.unit.collector.conftest import SETTINGS, Bench

TEXTS = load_texts(Path(telling.__file__).parent / "locales")
DAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FOUND = Found(Route(Kind.FEED, "https://www.example.org/neu.xml", ""), "", 7, DAY)
BLOCKS = Proposal(Block(2, 1.0, (("/a", "Alte Meldung"),)), Block(3, 1.0, (("/b", "Neue Meldung"),)))
SICK = (
    Patient("a", "A", State.STALE, gap=172_800.0, last_success=DAY, held=3, refused=2, refusal="nobody proves it"),
    Patient("b", "B", State.REBUILT, proposal=BLOCKS),
    Patient("c", "C", State.GONE, proposal=Proposal(found=FOUND)),
    Patient("d", "D", State.MOVED, proposal=Proposal(moved_to="https://www.example.org/dort")),
    Patient("e", "E", State.BLOCKED, searched=DAY),
    *(Patient(state.value, "F", state, error="503", waits=True) for state in State),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_whole_letter_is_in_one_language_but_for_what_servers_said(language: str) -> None:
    texts = TEXTS[language]
    note = letter((*SICK, Patient("z", "Z", State.OK)), {"z": State.FAILING}, texts, ZoneInfo("Europe/Berlin"))
    assert note is not None
    assert all(texts(key) in note.body for key in ("hint", "never", "newsletter", "was", "is"))
    for said in ("Alte Meldung", "Neue Meldung", "neu.xml", "/dort", "503", "nobody proves it"):
        assert said in note.body
    days = {"de": "2. März 2026", "fr": "2 mars 2026", "en": "2 March 2026"}
    assert f"{days[language]}, 10:00" in note.body  # a time of day where the operators are
    assert not any(stamp in note.body for stamp in ("2026-03", "T09", "2.0"))
    others = [TEXTS[other] for other in LANGUAGES if other != language]
    for other in others:
        assert other("hint") not in note.body
        assert other("subject_well_one") not in note.subject


def test_a_page_that_was_rebuilt_is_told_by_its_entries_not_by_our_english() -> None:
    row = Patient("b", "B", State.REBUILT, error="the page was rebuilt", proposal=BLOCKS)
    note = letter([row], {}, TEXTS["de"], UTC)
    assert note is not None
    assert "rebuilt" not in note.body
    assert note.body.index("Alte Meldung") < note.body.index("Neue Meldung")


def test_the_setting_says_in_which_language_operators_are_told(bench: Bench) -> None:
    bench.add("haus", "/feed.xml")
    with bench.store.writing() as session:
        row = source_row(session, "haus")
        row.state, row.first_success = State.FAILING.value, bench.clock.now()
        session.add(row)
    assert tell(bench.store, replace(SETTINGS, operators=("desk@example.org",), operators_language="fr"))
    with bench.store.reading() as session:
        (mail,) = session.exec(select(DeliveryRow)).all()
    assert (mail.language, mail.subject) == ("fr", f"Vigie{NARROW}: 1 source demande un coup d’œil")
    with pytest.raises(ConfigError, match="OPERATORS_LANGUAGE"):
        load_settings({"VIGIE_OPERATORS_LANGUAGE": "es"})

"""Many sources silent at once: the operators' mail and the doctor say so first, and wake nobody for one alone."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select

from services.cli.doctor import CHECKS
from services.collector.telling import tell
from shared.config import Settings
from shared.errors import VigieError
from shared.items import LANGUAGES
from shared.sources.states import State
from shared.subscriptions.tables import DeliveryRow
from shared.telemetry.told import in_words, told
from tests.unit.collector.conftest import SETTINGS, Bench

OPERATED = replace(SETTINGS, operators=("desk@example.org",))


def so_many(bench: Bench, number: int, state: State, error: str | None = None) -> None:
    for at in range(number):
        bench.add(f"s{at}", f"/{at}.xml")
    with bench.store.writing() as session:
        for at in range(number):
            row = bench.row(f"s{at}")
            row.state, row.polls, row.first_success = state.value, 9, bench.clock.now()
            row.last_error, row.errors_in_row = error, int(error is not None)
            session.add(row)


def mailed(bench: Bench, settings: Settings = OPERATED) -> tuple[str, str]:
    assert tell(bench.store, settings)
    with bench.store.reading() as session:
        (mail,) = session.exec(select(DeliveryRow)).all()
    return mail.subject or "", mail.body or ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_sources_that_all_rest_are_told_before_each_of_them(bench: Bench, language: str) -> None:
    so_many(bench, 3, State.STALE)
    subject, body = mailed(bench, replace(OPERATED, operators_language=language))
    assert "3" in subject
    named = tuple(told("source_in_state", source=f"s{at}", state=told("state_stale")) for at in range(3))
    said = told("sources.still", still=3, sources=told("sources", n=3), named=named)
    assert body.splitlines()[0] == f"{in_words(said, language)}."
    assert "`vigie status`" in body.splitlines()[1]
    assert body.index("(s0)") > body.index("`vigie status`")


def test_sources_that_only_failed_once_are_told_where_they_are_all(bench: Bench) -> None:
    so_many(bench, 3, State.OK, "http://reader:geheim@127.0.0.1/x?token=geheim does not answer")
    _, body = mailed(bench)
    assert body.startswith("none of 3 sources answers: s0, s1, s2")
    assert "geheim" not in body


def test_some_that_rest_are_no_word_about_all(bench: Bench) -> None:
    so_many(bench, 2, State.STALE)
    subject, body = mailed(bench)
    assert (subject, body.splitlines()[0][:4]) == ("Vigie: 2 sources need a look", "2 of")


def test_the_doctor_says_what_is_red_of_many_sources(bench: Bench, tmp_path: Path) -> None:
    settings = replace(SETTINGS, data_dir=tmp_path)
    assert "sources in" in CHECKS["sources"](settings)
    so_many(bench, 4, State.STALE)
    with pytest.raises(VigieError, match=r"4 of 4 sources that answer .* `vigie sources probe URL"):
        CHECKS["sources"](settings)

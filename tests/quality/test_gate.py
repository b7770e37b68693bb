"""The shipped model does not get worse unseen: a paired drop of more than .015 against the adopted one fails.

Whoever adopts a better model runs `python -m tests.quality.adopt` and commits the new baseline with its figures.
"""

from functools import cache
from statistics import fmean

import pytest

from services.classifier.evaluation.figures import compare, evaluate
from services.classifier.load import load_model
from shared.config import Settings
from shared.items import Verdict
from tests.quality.faithful import trials
from tests.quality.sets import SHARED, baseline, said, sets, written

DROP = 0.015
SETS = ["press", pytest.param("gate", marks=pytest.mark.skipif(not SHARED.exists(), reason="no ../shared here"))]


@cache
def verdicts(name: str) -> tuple[Verdict, ...]:
    return said(load_model(Settings()), sets()[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_no_language_is_tagged_worse_than_by_the_adopted_model(name: str) -> None:
    items, known = sets()[name], baseline()
    now = verdicts(name)
    before = [v.model_copy(update={"themes": tuple(known[i.id])}) for i, v in zip(items, now, strict=True)]
    worse = [
        f"{each.of} {each.lang}: {each.before:.3f} -> {each.after:.3f}"
        for each in compare(items, before, now)
        if each.of == "themes" and each.change is not None and each.change < -DROP
    ]
    assert worse == []


@pytest.mark.slow
@pytest.mark.parametrize(("name", "least"), [("press", 0.84), pytest.param("gate", 0.82, marks=SETS[1].marks)])
@pytest.mark.parametrize("language", ["de", "fr", "en"])
def test_every_language_is_tagged_well(name: str, least: float, language: str) -> None:
    report = evaluate(sets()[name], verdicts(name))
    assert (report.figure("themes", "f1", language).value or 0) >= least


@pytest.mark.slow
def test_what_a_long_text_names_late_is_found() -> None:
    items = written("long")
    report = evaluate(items, said(load_model(Settings()), items))
    assert (report.figure("themes", "recall").value or 0) >= 0.85
    assert (report.figure("themes", "precision").value or 0) >= 0.85


@pytest.mark.slow
def test_reasons_are_short_and_carry_what_they_explain() -> None:
    """Taking them out loses the label, taking out as much elsewhere does not, and alone they keep it."""
    found = list(trials(load_model(Settings()), written("press")[::3]))
    assert len(found) > 60
    assert fmean(trial.share for trial in found) <= 0.15
    assert fmean(trial.flipped for trial in found) >= 0.75
    assert fmean(trial.flipped_at_random for trial in found) <= 0.1
    assert fmean(trial.kept_alone for trial in found) >= 0.7

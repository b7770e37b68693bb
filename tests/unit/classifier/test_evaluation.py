"""Figures count what somebody judged, say – for what does not exist, and are as unsure as publications are few."""

import math
import random
from collections.abc import Sequence

import numpy as np
import pytest

from services.classifier.evaluation import table
from services.classifier.evaluation.draws import weights
from services.classifier.evaluation.figures import Report, compare, evaluate
from services.classifier.evaluation.labelled import RUBRIC, Labelled
from services.classifier.evaluation.ranks import Ranking, average_precision, spearman
from shared.items import Verdict
from tests.unit.classifier.labels import a_verdict, an_item

Pair = tuple[Labelled, Verdict]


def report(*pairs: Pair) -> Report:
    return evaluate([item for item, _ in pairs], [verdict for _, verdict in pairs])


def value(found: Report, of: str, measure: str, lang: str = "all") -> float | None:
    return found.figure(of, measure, lang).value


def test_themes_count_together_over_all_items() -> None:
    found = report(
        (an_item("a", "energy", "health"), a_verdict("energy", "climate")),  # one right, one wrong, one missed
        (an_item("b", "health"), a_verdict("health")),
    )
    assert value(found, "themes", "precision") == pytest.approx(2 / 3)
    assert value(found, "themes", "recall") == pytest.approx(2 / 3)
    assert value(found, "health", "recall") == 0.5
    assert found.figure("themes", "recall").support == 3


def test_a_figure_without_anything_to_find_does_not_exist() -> None:
    found = report((an_item("a"), a_verdict("energy")), (an_item("b"), a_verdict()))
    assert value(found, "energy", "precision") == 0.0
    assert value(found, "energy", "recall") is value(found, "energy", "f1") is None
    assert value(found, "health", "precision") is None
    row = next(line for line in table.lines(found) if line.startswith("energy"))
    assert row.split() == ["energy", "all", "0", ".000", "–", "–"]


def test_ai_is_measured_apart() -> None:
    found = report((an_item("a", "energy", "ai", judged=frozenset((*RUBRIC, "ai"))), a_verdict("energy")))
    assert value(found, "themes", "f1") == 1.0
    assert value(found, "ai", "f1") == 0.0


def test_only_labels_that_somebody_judged_count() -> None:
    found = report((an_item("a", "energy", judged=frozenset({"energy"})), a_verdict("energy", "health")))
    assert value(found, "themes", "precision") == 1.0
    assert value(found, "health", "precision") is None
    assert value(found, "language", "accuracy") is None


def test_an_item_without_theme_is_left_empty_or_not() -> None:
    partly = an_item("d", judged=frozenset({"energy"}))  # nobody said that it has no theme at all
    found = report((an_item("a"), a_verdict()), (an_item("b"), a_verdict("energy")), (partly, a_verdict()))
    empty = found.figure("without theme", "left empty")
    assert (empty.value, empty.support) == (0.5, 2)


def test_an_instant_alert_needs_a_high_score() -> None:
    found = report(
        (an_item("a", "energy"), a_verdict("energy", score=0.8)),
        (an_item("b", "energy"), a_verdict("energy", score=0.79)),
        (an_item("c"), a_verdict("health", score=0.6)),
    )
    assert value(found, "instant", "precision") == 1.0
    assert value(found, "instant", "recall") == 0.5


def test_each_language_is_counted_alone() -> None:
    found = report(
        (an_item("a", "energy"), a_verdict("energy")),
        (an_item("b", "energy", lang="fr"), a_verdict()),
    )
    assert [value(found, "themes", "recall", lang) for lang in ("all", "de", "fr")] == [0.5, 1.0, 0.0]


def test_language_franco_german_and_organisations_are_measured() -> None:
    judged = frozenset({"language", "franco_german", "organisations"})
    item = an_item("a", franco_german=True, organisations=frozenset({"Inria", "DFKI"}), judged=judged)
    found = report((item, a_verdict(language="fr", franco_german=True, organisations=("INRIA", "ANR"))))
    assert value(found, "language", "accuracy") == 0.0
    assert value(found, "franco_german", "f1") == 1.0
    assert value(found, "organisations", "precision") == value(found, "organisations", "recall") == 0.5


def test_texts_of_one_publication_are_compared_across_languages() -> None:
    def text(group: str, lang: str, *themes: str) -> Labelled:
        return an_item(f"{group}-{lang}", *themes, group=group, lang=lang)

    found = report(
        (text("a", "de", "energy"), a_verdict("energy", "health")),
        (text("a", "fr", "energy"), a_verdict("energy")),
        (text("b", "de", "energy"), a_verdict()),  # silent in both: nothing to agree on
        (text("b", "fr", "energy"), a_verdict()),
        (text("c", "de", "energy"), a_verdict("climate")),  # in one language only
    )
    alike, tagged = (found.figure("across languages", measure) for measure in ("jaccard", "tagged"))
    assert (alike.value, alike.support) == (0.5, 1)
    assert (tagged.value, tagged.support) == (0.5, 4)


def test_sovereignty_is_judged_by_its_order() -> None:
    judged = frozenset({"sovereignty"})
    degrees = [(1.0, 0.9), (0.0, 0.8), (0.5, 0.7), (0.25, 0.1)]
    found = report(*(
        (an_item(str(n), sovereignty=is_, judged=judged), a_verdict(sovereignty=said))
        for n, (is_, said) in enumerate(degrees)
    ))  # fmt: skip
    assert value(found, "sovereignty", "average precision") == pytest.approx((1 + 2 / 3) / 2)
    assert value(found, "sovereignty", "spearman") == pytest.approx(0.4)


def ranking(degrees: Sequence[float], scores: Sequence[float]) -> Ranking:
    return Ranking("all", np.array(degrees), np.array(scores), np.arange(len(scores)))


def test_items_of_equal_score_share_their_place() -> None:
    once = np.ones((1, 4))
    assert average_precision(ranking([1, 0, 0, 0], [0.5] * 4), once)[0] == 0.25
    assert math.isnan(average_precision(ranking([0, 0, 0, 0], [1, 2, 3, 4]), once)[0])
    assert math.isnan(spearman(ranking([0, 0, 1, 1], [0.5] * 4), once)[0])


def test_a_weight_counts_as_that_many_items() -> None:
    numbers = random.Random(3)
    degrees, scores = (
        [numbers.choice(ladder) for _ in range(30)] for ladder in ([0, 0.5, 1], [0.1, 0.2, 0.3, 0.4])
    )
    times = [numbers.randrange(3) for _ in range(30)]
    repeated = [
        [value for value, n in zip(side, times, strict=True) for _ in range(n)] for side in (degrees, scores)
    ]
    for measure in (average_precision, spearman):
        weighted = measure(ranking(degrees, scores), np.array([times], dtype=float))
        assert weighted == pytest.approx(measure(ranking(*repeated), np.ones((1, sum(times)))))


def test_translations_are_no_further_evidence() -> None:
    """Ten publications, once alone and once copied into ten texts each: the same intervals."""
    pairs = [(an_item(str(n), "energy"), a_verdict(*(["energy"] if n % 2 else []))) for n in range(10)]
    copies = [
        (an_item(f"{item.id}-{copy}", "energy", group=item.group), verdict)
        for item, verdict in pairs
        for copy in range(10)
    ]
    alone, copied = (report(*given).figure("themes", "recall") for given in (pairs, copies))
    assert (alone.low, alone.high) == pytest.approx((copied.low, copied.high))
    assert alone.low == pytest.approx(0.2, abs=0.11)
    assert alone.high == pytest.approx(0.8, abs=0.11)


def test_a_single_publication_gives_no_interval() -> None:
    recall = report((an_item("a", "energy"), a_verdict("energy")), (an_item("b"), a_verdict())).figure(
        "energy", "recall"
    )
    assert (recall.value, recall.low, recall.high) == (1.0, None, None)


def test_every_draw_takes_as_many_publications_as_there_are_and_the_same_each_time() -> None:
    drawn = np.concatenate(list(weights(7, 300, seed=1)))
    assert drawn.shape == (300, 7)
    assert set(drawn.sum(axis=1)) == {7}
    assert np.array_equal(drawn, np.concatenate(list(weights(7, 300, seed=1))))


def test_two_models_are_compared_on_the_same_publications() -> None:
    items = [an_item(str(n), "energy") for n in range(60)]
    before = [a_verdict("energy") if n % 2 else a_verdict() for n in range(60)]
    better = [a_verdict("energy") if n % 4 else a_verdict() for n in range(60)]
    change = next(each for each in compare(items, before, better) if (each.of, each.lang) == ("themes", "all"))
    assert (change.before, change.after) == pytest.approx((2 / 3, 6 / 7))
    assert change.change == pytest.approx(6 / 7 - 2 / 3)
    assert change.sure
    same = compare(items, before, before)[0]
    assert (same.change, same.low, same.high, same.sure) == (0.0, 0.0, 0.0, False)


def test_every_item_needs_its_verdict() -> None:
    with pytest.raises(ValueError, match="1 labelled items, 0 verdicts"):
        evaluate([an_item()], [])

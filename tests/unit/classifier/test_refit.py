"""Heads fitted anew around an encoder that stays: what the new texts show goes in, everything else stays."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.classifier.labels import labels
from services.classifier.shipped import artefact
from services.classifier.shipped.load import load_shipped
from shared.manifest import MANIFEST

pytest.importorskip("sklearn", reason="training needs the extra `train`: pip install -e '.[train]'")

TEXTS, WIDTH = 600, 8
ENERGY, HEALTH, MOBILITY = map(labels().index, ("energy", "health", "mobility"))


@pytest.fixture(scope="module")
def material() -> tuple[Any, np.ndarray, Any]:
    """Words that tell energy, the encoder's vectors that tell health, meaning that tells mobility; and noise."""
    from services.classifier.training.weighing import Said, Texts

    draw = np.random.default_rng(5)
    truth = np.zeros((TEXTS, len(labels())), bool)
    truth[:, [ENERGY, HEALTH, MOBILITY]] = draw.random((TEXTS, 3)) < 0.3
    words, meaning = draw.normal(-2, 1, truth.shape), draw.normal(-2, 1, truth.shape)
    words[:, ENERGY] += 4 * truth[:, ENERGY]
    vectors, meant = draw.normal(0, 0.3, (2, TEXTS, WIDTH))
    vectors[:, 0] += truth[:, HEALTH]
    meant[:, 1] += truth[:, MOBILITY]
    kinds = np.array(["media" if number % 3 else "releases" for number in range(TEXTS)])
    groups = [f"group-{number // 2}" for number in range(TEXTS)]
    return Said(words, meaning, vectors, meant), truth, Texts(np.arange(TEXTS), groups, kinds)


def test_each_part_counts_for_what_it_tells(material) -> None:
    from services.classifier.training.weighing import weighed

    said, truth, texts = material
    found = weighed(said, np.zeros((len(labels()), WIDTH)), truth, texts)
    columns = [ENERGY, HEALTH, MOBILITY]
    assert found.columns == tuple(columns)
    given = found.logits(replace(said, words=said.words[:, columns], meaning=said.meaning[:, columns])) >= 0
    assert (given == truth[:, columns]).mean() > 0.93
    assert found.f1 > 0.85


def test_a_theme_with_few_texts_is_left_alone(material) -> None:
    from services.classifier.training.weighing import FEWEST, weighed

    said, truth, texts = material
    rare = truth.copy()
    for theme in (HEALTH, MOBILITY):
        rare[np.flatnonzero(rare[:, theme])[FEWEST - 1 :], theme] = False
    assert weighed(said, np.zeros((len(labels()), WIDTH)), rare, texts).columns == (ENERGY,)


def test_no_kind_of_text_pays_for_another_that_there_is_more_of() -> None:
    from services.classifier.training.stack import chosen_cut

    draw = np.random.default_rng(2)
    kinds = np.repeat(["media", "releases"], [4000, 400])
    truth = draw.random((4400, 2)) < 0.25
    logits = (
        np.where(truth, 1.0, -1.0) + draw.normal(0, 1, truth.shape) + np.where(kinds == "media", 0, -1.5)[:, None]
    )
    assert chosen_cut(logits, truth, kinds)[0] < chosen_cut(logits, truth, np.full(len(kinds), "all"))[0]


def test_of_scores_that_are_about_as_good_the_highest_is_the_threshold() -> None:
    from services.classifier.training.stack import chosen_cut

    truth = np.array([[True], [False]] * 50)
    logits = np.where(truth, 2.0, -2.0)
    cut, f1, empty = chosen_cut(logits, truth, np.full(100, "media"))
    assert (round(cut, 2), f1, empty) == (0.65, 1.0, 1.0)


def test_a_copy_has_new_heads_for_these_themes_alone_and_loads(tmp_path: Path) -> None:
    from services.classifier.training.refit import refitted, write
    from services.classifier.training.stack import OverWords
    from services.classifier.training.weighing import Weighed

    old = artefact.read_heads(artefact.SHIPPED / artefact.HEADS)
    size, width = old.encoder.shape
    meant = old.meaning.shape[1]
    ones, own = np.ones((1, width)), np.full((1, meant), 0.25)
    found = Weighed((ENERGY,), np.array([0.5]), np.array([0.1]), ones, own, np.array([-1.0]), 0.4, 0.9, 0.9)
    weights = np.ones((size + len(old.rarity), size))
    over_meaning = (np.full((meant, size), 5.0), np.full(size, 3.0))
    words = OverWords(weights, np.full(size, 2.0), old.rarity)
    new = refitted(old, words, over_meaning, np.full(meant, 0.5), found)
    assert new.bias[ENERGY] == pytest.approx(-1.0 + 0.5 * 2.0 + 0.1 * 3.0)
    assert new.meaning[ENERGY] == pytest.approx(0.1 * 5.0 + 0.25)
    assert new.usual == pytest.approx(0.5)
    assert new.lexicon[ENERGY].tolist() == [0.5] * size
    others = [n for n in range(size) if n != ENERGY]
    assert np.array_equal(new.encoder[others], old.encoder[others])
    assert np.allclose(new.ngrams[:, others].astype(float), old.ngrams[:, others].astype(float), atol=1e-3)
    write(artefact.SHIPPED, tmp_path, new, found)
    assert load_shipped(tmp_path).name != load_shipped().name
    assert json.loads((tmp_path / MANIFEST).read_text("utf-8"))["made"]["heads fitted again"]


def test_what_was_computed_is_kept_and_not_taken_for_other_texts(tmp_path: Path) -> None:
    from services.classifier.lexicon.load import load_lexicon
    from services.classifier.training.features import Prepared, features
    from services.classifier.training.material import Example
    from services.classifier.training.refit import kept, read
    from services.classifier.training.stack import STRENGTH, joined_features
    from services.classifier.training.weighing import FEWEST, Texts

    words = ("Strom Netz Kraftwerk", "Klinik Arzt Patient")
    examples = [
        Example(f"t{n}", f"g{n}", "de", words[n % 2], f"Nummer {n}", {"energy": 1.0 - n % 2}, 1.0, "pool")
        for n in range(2 * FEWEST + 10)
    ]
    groups, kinds = [each.group for each in examples], np.full(len(examples), "media")
    unseen = Texts(np.arange(len(examples)), groups, kinds)
    prepared = Prepared(examples, groups, [False] * len(examples), features(examples, load_lexicon()))
    rows = joined_features(prepared.features)
    logits, heads = kept(tmp_path / "words.npz", prepared, rows, STRENGTH, unseen)
    assert (logits[::2, ENERGY] > logits[1::2, ENERGY]).all()
    assert not logits[:, HEALTH].any()
    again, same = kept(tmp_path / "words.npz", prepared, rows, STRENGTH, unseen)
    assert np.array_equal(again, logits)
    assert np.array_equal(same[0], heads[0])
    less = Texts(unseen.places[:-2], groups[:-2], kinds[:-2])
    fewer, _ = kept(tmp_path / "words.npz", prepared, rows, STRENGTH, less)
    assert len(fewer) == len(logits) - 2
    dense = np.random.default_rng(1).normal(size=(len(examples), 3)) + np.arange(len(examples))[:, None] % 2
    of_vectors, _ = kept(tmp_path / "meaning.npz", prepared, dense, 10.0, unseen)
    assert of_vectors[::2, ENERGY].mean() > of_vectors[1::2, ENERGY].mean() + 1
    encoder = artefact.load().encoder
    first = read(encoder, examples[:3], tmp_path / "vectors.npz")
    assert np.array_equal(read(encoder, examples[1:4], tmp_path / "vectors.npz")[:2], first[1:])

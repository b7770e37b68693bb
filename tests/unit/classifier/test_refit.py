"""Heads fitted anew around an encoder that stays: what the new texts show goes in, everything else stays."""

import json
from pathlib import Path

import numpy as np
import pytest

from services.classifier.labels import labels
from services.classifier.shipped import artefact
from services.classifier.shipped.load import load_shipped
from shared.manifest import MANIFEST

pytest.importorskip("sklearn", reason="training needs the extra `train`: pip install -e '.[train]'")

TEXTS, WIDTH = 600, 8
ENERGY, HEALTH = labels().index("energy"), labels().index("health")


@pytest.fixture(scope="module")
def material() -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Words that tell energy, vectors that tell health, and noise in both."""
    draw = np.random.default_rng(5)
    truth = np.zeros((TEXTS, len(labels())), bool)
    truth[:, [ENERGY, HEALTH]] = draw.random((TEXTS, 2)) < 0.3
    words = draw.normal(-2, 1, truth.shape)
    words[:, ENERGY] += 4 * truth[:, ENERGY]
    vectors = draw.normal(0, 0.3, (TEXTS, WIDTH))
    vectors[:, 0] += truth[:, HEALTH]
    return words, vectors, truth, [f"group-{number // 2}" for number in range(TEXTS)]


def test_each_part_counts_for_what_it_tells(material) -> None:
    from services.classifier.training.refit import weighed

    words, vectors, truth, groups = material
    found = weighed(words, vectors, np.zeros((len(labels()), WIDTH)), truth, groups, np.ones(TEXTS, bool))
    assert found.columns == (ENERGY, HEALTH)
    logits = words[:, [ENERGY, HEALTH]] * found.words + vectors @ found.encoder.T + found.bias
    assert ((logits >= 0) == truth[:, [ENERGY, HEALTH]]).mean() > 0.93
    assert found.f1 > 0.85


def test_texts_that_were_chosen_for_being_hard_do_not_raise_the_threshold(material) -> None:
    from services.classifier.training.refit import weighed

    words, vectors, truth, groups = material
    hard = np.arange(TEXTS) % 2 == 0
    words = words.copy()
    words[hard & ~truth.any(1), ENERGY] += 3  # read as energy, which they are not
    arguments = (words, vectors, np.zeros((len(labels()), WIDTH)), truth, groups)
    assert weighed(*arguments, ~hard).cut < weighed(*arguments, np.ones(TEXTS, bool)).cut
    assert weighed(*arguments, ~hard).empty >= 0.9


def test_a_theme_with_few_texts_is_left_alone(material) -> None:
    from services.classifier.training.refit import FEWEST, weighed

    words, vectors, truth, groups = material
    rare = truth.copy()
    rare[np.flatnonzero(rare[:, HEALTH])[FEWEST - 1 :], HEALTH] = False
    found = weighed(words, vectors, np.zeros((len(labels()), WIDTH)), rare, groups, np.ones(TEXTS, bool))
    assert found.columns == (ENERGY,)


def test_a_copy_has_new_heads_for_these_themes_alone_and_loads(tmp_path: Path) -> None:
    from services.classifier.training.refit import Weighed, refitted, write
    from services.classifier.training.stack import OverWords

    old = artefact.read_heads(artefact.SHIPPED / artefact.HEADS)
    size, width = old.encoder.shape
    found = Weighed((ENERGY,), np.array([0.5]), np.ones((1, width)), np.array([-1.0]), 0.4, 0.9, 0.9)
    weights = np.ones((size + len(old.rarity), size))
    new = refitted(old, OverWords(weights, np.full(size, 2.0), old.rarity), found)
    assert new.bias[ENERGY] == pytest.approx(-1.0 + 0.5 * 2.0)
    assert new.lexicon[ENERGY].tolist() == [0.5] * size
    others = [n for n in range(size) if n != ENERGY]
    assert np.array_equal(new.encoder[others], old.encoder[others])
    assert np.allclose(new.ngrams[:, others].astype(float), old.ngrams[:, others].astype(float), atol=1e-3)
    write(artefact.SHIPPED, tmp_path, new, found)
    assert load_shipped(tmp_path).name != load_shipped().name
    assert json.loads((tmp_path / MANIFEST).read_text("utf-8"))["made"]["heads fitted again"]


def test_the_threshold_leaves_texts_without_a_theme_empty() -> None:
    from services.classifier.training.stack import chosen_cut

    draw = np.random.default_rng(2)
    truth = np.zeros((4000, 2), bool)
    truth[:1000, 0] = True
    logits = np.where(truth, draw.normal(0.3, 1, truth.shape), draw.normal(-1.5, 1, truth.shape))
    free, strict = chosen_cut(logits, truth, 0.0), chosen_cut(logits, truth, 0.9)
    assert strict[2] >= 0.9 > free[2]
    assert strict[0] > free[0]
    assert free[1] > strict[1]


def test_what_was_computed_is_kept_and_not_taken_for_other_texts(tmp_path: Path) -> None:
    from services.classifier.lexicon.load import load_lexicon
    from services.classifier.training.features import Prepared, features
    from services.classifier.training.material import Example
    from services.classifier.training.refit import FEWEST, kept, read

    words = ("Strom Netz Kraftwerk", "Klinik Arzt Patient")
    examples = [
        Example(f"t{n}", f"g{n}", "de", words[n % 2], f"Nummer {n}", {"energy": 1.0 - n % 2}, 1.0, "pool")
        for n in range(2 * FEWEST + 10)
    ]
    groups, unseen = [each.group for each in examples], np.arange(len(examples))
    prepared = Prepared(examples, groups, [False] * len(examples), features(examples, load_lexicon()))
    logits, heads = kept(tmp_path / "words.npz", prepared, unseen)
    assert (logits[::2, ENERGY] > logits[1::2, ENERGY]).all()
    assert not logits[:, HEALTH].any()
    again, same = kept(tmp_path / "words.npz", prepared, unseen)
    assert np.array_equal(again, logits)
    assert np.array_equal(same.weights, heads.weights)
    fewer, _ = kept(tmp_path / "words.npz", prepared, unseen[:-2])
    assert len(fewer) == len(logits) - 2
    encoder = artefact.load().encoder
    first = read(encoder, examples[:3], tmp_path / "vectors.npz")
    assert np.array_equal(read(encoder, examples[1:4], tmp_path / "vectors.npz")[:2], first[1:])

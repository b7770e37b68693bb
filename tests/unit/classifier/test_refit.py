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
def material() -> tuple[Any, Any]:
    """Words that tell energy, the encoder's vectors that tell health, meaning that tells mobility; and noise."""
    from services.classifier.training.unseen import Texts
    from services.classifier.training.weighing import Said

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
    unseen = Texts(np.arange(TEXTS), groups, kinds, truth.astype(float), np.ones(TEXTS))
    return Said(words, meaning, vectors, meant), unseen


def test_each_part_counts_for_what_it_tells(material) -> None:
    from services.classifier.training.weighing import weighed

    said, unseen = material
    found, chosen = weighed(said, np.zeros((len(labels()), WIDTH)), unseen)
    assert ((found.logits(said) >= 0) == unseen.targets).mean() > 0.93
    assert chosen.f1 > 0.85


def test_a_label_with_few_texts_gets_no_weights_of_its_own(material) -> None:
    from services.classifier.training.weighing import FEWEST, weighed

    said, unseen = material
    rare = unseen.targets.copy()
    for theme in (HEALTH, MOBILITY):
        rare[np.flatnonzero(rare[:, theme])[FEWEST - 1 :], theme] = 0
    found, _ = weighed(said, np.zeros((len(labels()), WIDTH)), replace(unseen, targets=rare))
    own = found.meant.any(1) | found.encoder.any(1)
    assert np.flatnonzero(own).tolist() == [ENERGY]


def test_what_nobody_judged_says_nothing(material) -> None:
    from services.classifier.training.weighing import weighed

    said, unseen = material
    known, half = np.zeros((len(labels()), WIDTH)), unseen.targets.copy()
    half[TEXTS // 2 :, ENERGY] = np.nan
    blind = said.words.copy()
    blind[TEXTS // 2 :, ENERGY] = 50
    one, _ = weighed(said, known, replace(unseen, targets=half))
    other, _ = weighed(replace(said, words=blind), known, replace(unseen, targets=half))
    assert other.words[ENERGY] == pytest.approx(one.words[ENERGY], rel=0.01)


def test_degrees_of_sovereignty_keep_their_place_when_the_threshold_moves(material) -> None:
    from services.classifier.training.weighing import weighed

    said, unseen = material
    place, degrees = labels().index("sovereignty"), unseen.targets.copy()
    degrees[:, place] = np.where(said.meant[:, 1] > 0.5, 0.75, 0.0)
    found, chosen = weighed(said, np.zeros((len(labels()), WIDTH)), replace(unseen, targets=degrees))
    high = degrees[:, place] > 0
    scores = 1 / (1 + np.exp(-found.logits(said)[:, place]))
    assert scores[high].mean() == pytest.approx(0.75, abs=0.15)
    assert chosen.cut != 0.5


def test_no_kind_of_text_pays_for_another_that_there_is_more_of() -> None:
    from services.classifier.training.weighing import chosen_cut

    draw = np.random.default_rng(2)
    kinds = np.repeat(["media", "releases"], [4000, 400])
    truth = draw.random((4400, 2)) < 0.25
    logits = (
        np.where(truth, 1.0, -1.0) + draw.normal(0, 1, truth.shape) + np.where(kinds == "media", 0, -1.5)[:, None]
    )
    alone = chosen_cut(logits, truth, np.full(len(kinds), "all"))
    assert chosen_cut(logits, truth, kinds).cut < alone.cut


def test_of_scores_that_are_about_as_good_the_highest_is_the_threshold() -> None:
    from services.classifier.training.weighing import Chosen, chosen_cut

    truth = np.array([[True], [False]] * 50)
    found = chosen_cut(np.where(truth, 2.0, -2.0), truth, np.full(100, "media"))
    assert replace(found, cut=round(found.cut, 2)) == Chosen(0.65, 1.0, 1.0)


def test_the_heads_say_what_the_parts_say_together(tmp_path: Path) -> None:
    from services.classifier.training.parts import Part
    from services.classifier.training.refit import heads_of, write
    from services.classifier.training.weighing import Weighed

    old = artefact.read_heads(artefact.SHIPPED / artefact.HEADS)
    size, width = old.encoder.shape
    meant, buckets = old.meaning.shape[1], len(old.rarity)
    draw = np.random.default_rng(3)
    words = Part(np.zeros((1, size)), draw.normal(size=(size + buckets, size)), draw.normal(size=size))
    meaning = Part(np.zeros((1, size)), draw.normal(size=(meant, size)), draw.normal(size=size))
    per_label, over = (size,), (size, width)
    found = Weighed(*(draw.normal(size=each) for each in (per_label, per_label, over, (size, meant), per_label)))
    rare = np.ones(buckets, np.float16)
    new = heads_of(found, words, meaning, rare, np.zeros(width), np.zeros(meant))
    lexicon, shares, vector, says = (draw.normal(size=count) for count in (size, buckets, width, meant))
    asked = np.r_[lexicon, shares] @ words.weights + words.bias, says @ meaning.weights + meaning.bias
    wanted = found.words * asked[0] + found.meaning * asked[1] + found.encoder @ vector + found.meant @ says
    got = new.lexicon @ lexicon + shares @ new.ngrams.astype(float) + new.encoder @ vector + new.meaning @ says
    assert np.allclose(got + new.bias, wanted + found.bias, rtol=0.01, atol=0.5)
    write(artefact.SHIPPED, tmp_path, new, {"score made the threshold": 0.4})
    assert load_shipped(tmp_path).name != load_shipped().name
    assert json.loads((tmp_path / MANIFEST).read_text("utf-8"))["made"]["heads"]
    first = (tmp_path / artefact.HEADS).read_bytes()
    write(artefact.SHIPPED, tmp_path / "again", new, {})
    assert (tmp_path / "again" / artefact.HEADS).read_bytes() == first


def test_what_was_computed_is_kept_and_not_taken_for_other_texts(tmp_path: Path) -> None:
    from services.classifier.lexicon.load import load_lexicon
    from services.classifier.training.features import Prepared, features, joined, kept_features
    from services.classifier.training.material import Example
    from services.classifier.training.parts import part, read
    from services.classifier.training.unseen import Texts

    words = ("Strom Netz Kraftwerk", "Klinik Arzt Patient")
    examples = [
        Example(f"t{n}", f"g{n}", "de", words[n % 2], f"Nummer {n}", {"energy": 1.0 - n % 2}, 1.0, "pool")
        for n in range(60)
    ]
    groups = [each.group for each in examples]
    prepared = Prepared(examples, groups, [False] * len(examples), features(examples, load_lexicon()))
    kept = kept_features(examples, load_lexicon(), tmp_path / "features.npz")
    again = kept_features(examples, load_lexicon(), tmp_path / "features.npz")
    assert (kept.shares != prepared.features.shares).nnz == (again.shares != kept.shares).nnz == 0
    assert kept_features(examples[:-1], load_lexicon(), tmp_path / "features.npz").shares.shape[0] == 59
    unseen, rows, file = Texts.of(prepared, learnt_later=False), joined(prepared.features), tmp_path / "words.npz"
    first = part(rows, 4.0, prepared, unseen, file)
    assert (first.crossed[::2, ENERGY] > first.crossed[1::2, ENERGY]).all()
    same = part(rows, 4.0, prepared, unseen, file)
    assert all(
        np.array_equal(getattr(same, each), getattr(first, each)) for each in ("crossed", "weights", "bias")
    )
    fewer = replace(unseen, places=unseen.places[:-2], groups=groups[:-2])
    assert part(rows, 4.0, prepared, fewer, file).crossed.shape[0] == len(examples) - 2
    dense = np.random.default_rng(1).normal(size=(len(examples), 3)) + np.arange(len(examples))[:, None] % 2
    of_vectors = part(dense, 10.0, prepared, unseen, tmp_path / "meaning.npz").crossed
    assert of_vectors[::2, ENERGY].mean() > of_vectors[1::2, ENERGY].mean() + 1
    encoder = artefact.load().encoder
    vectors = read(encoder, examples[:3], tmp_path / "vectors.npz")
    assert np.array_equal(read(encoder, examples[1:4], tmp_path / "vectors.npz")[:2], vectors[1:])


def test_parts_are_weighed_on_what_the_encoder_has_not_learnt() -> None:
    from scipy.sparse import csr_matrix

    from services.classifier.training.features import Features, Prepared
    from services.classifier.training.material import Example
    from services.classifier.training.splits import OF_LATER, is_held_out
    from services.classifier.training.unseen import are_unseen

    names = [(f"group-{n}", "real" if n < 1_000 else "pool") for n in range(2_000)]
    examples = [Example(group, group, "de", "", "", {}, 1.0, corpus) for group, corpus in names]
    groups, nothing = [group for group, _ in names], Features(np.zeros((0, 0), np.float32), csr_matrix((0, 0)))
    prepared = Prepared(examples, groups, [is_held_out(group) for group in groups], nothing)
    before, after = (are_unseen(prepared, learnt_later) for learnt_later in (False, True))
    assert all(before[1_000:])
    assert np.mean(after[1_000:]) == pytest.approx(OF_LATER, abs=0.04)
    assert before[:1_000] == after[:1_000] == prepared.held_out[:1_000]

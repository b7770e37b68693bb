"""Fits the heads anew around an encoder that stays as it is: where labels changed and the encoder did not.

`python -m services.classifier.training.refit --corpora DIR --work DIR --target DIR`, about six minutes of a
processor; what is kept in the work folder is not computed again. The encoder has learnt the labels of the texts
that tuned it: what it says of them is too good to weigh it by. So words and encoder are weighed on real texts
that neither has seen, the words by folds: those that were labelled after the encoder was tuned, and the held-out
tenth. There every theme also gets weights of its own over the encoder's vectors, in so far as it needs others,
and a threshold is chosen for all together: one that leaves most texts without a theme empty. Labels of which
these texts hold too little stay as they are: sovereignty, the Franco-German flag, `ai`, and every theme with
fewer than `FEWEST` of them.
"""

import argparse
import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from services.classifier.labels import labels
from services.classifier.model import THRESHOLD
from services.classifier.shipped import artefact
from services.classifier.shipped.encoder import Encoder
from services.classifier.shipped.heads import Heads, pooled
from services.classifier.shipped.model import sentence
from services.classifier.training import material
from services.classifier.training.features import Prepared, rarity
from services.classifier.training.fit import fit, folds
from services.classifier.training.material import Example
from services.classifier.training.plan import Plan, prepare, say
from services.classifier.training.stack import (
    APART,
    STRENGTH,
    Matrix,
    OverWords,
    chosen_cut,
    joined_features,
    targets_of,
)
from shared.manifest import MANIFEST, digest

FOLDS: Final = 3
FEWEST: Final = 50  # texts that have a theme: weights and biases of its own from fewer would destroy it
_OWN: Final = 1.0  # inverse regularisation of a theme's own weights over the encoder's vectors
_LOOSE: Final = 30.0  # what the joint logit is multiplied by beside them: its weight is hardly regularised
DRAWS: Final = (3, 4, 5)  # of the folds on which the threshold is chosen
EMPTY: Final = 0.9  # of the texts without a theme that shall stay empty
THEMES: Final = tuple(n for n, label in enumerate(labels()) if label not in APART)


@dataclass(frozen=True, slots=True)
class Weighed:
    """Per theme of `columns` (places among the labels): what the words count for, the encoder's weights, a bias
    that holds the threshold. `cut` is the score that became it; at it, crossed, `f1` is the micro F1 and `empty`
    the share of the texts without any theme that stay empty."""

    columns: tuple[int, ...]
    words: Matrix
    encoder: Matrix
    bias: Matrix
    cut: float
    f1: float
    empty: float


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m services.classifier.training.refit",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--corpora", type=Path, required=True, help="folder of the corpora (see data/README.md)")
    parser.add_argument("--work", type=Path, required=True, help="folder that keeps what was computed")
    parser.add_argument("--target", type=Path, required=True, help="folder of the model with the new heads")
    given = parser.parse_args()
    heads, loaded = artefact.read_heads(artefact.SHIPPED / artefact.HEADS), artefact.load()
    given.work.mkdir(parents=True, exist_ok=True)
    prepared = prepare(Plan(given.corpora, given.work))
    unseen = np.array([n for n, each in enumerate(prepared.examples) if _unseen(each, prepared.held_out[n])])
    groups = [prepared.groups[int(n)] for n in unseen]
    say(f"words, crossed on {len(unseen)} texts")
    of_words, words = kept(given.work / "words.npz", prepared, unseen)
    say("encoder")
    vectors = read(loaded.encoder, [prepared.examples[int(n)] for n in unseen], given.work / "vectors.npz")
    truth = targets_of(prepared.examples)[unseen] >= 0.5
    usual = np.array([prepared.examples[int(n)].corpus not in material.CHOSEN for n in unseen])
    found = weighed(of_words, vectors, heads.encoder.astype(np.float64), truth, groups, usual)
    say(f"crossed F1 {found.f1:.4f} at {found.cut:.2f}, {found.empty:.3f} of those without a theme left empty")
    write(artefact.SHIPPED, given.target, refitted(heads, words, found), found)


def _unseen(example: Example, held_out: bool) -> bool:
    """Real, labelled in its own words, and never shown to the encoder."""
    return example.real and (example.corpus in material.AFTER_ENCODER or (held_out and example.corpus == "real"))


def kept(file: Path, prepared: Prepared, unseen: np.ndarray) -> tuple[Matrix, OverWords]:
    """The heads over words: their crossed logits on the unseen texts, and those fitted on all; from `file` where
    it was made of the same texts and labels. Themes with too few unseen texts have zeros."""
    rows, targets = joined_features(prepared.features), targets_of(prepared.examples)
    weights = np.array([each.weight for each in prepared.examples])
    columns = [theme for theme in THEMES if (targets[unseen, theme] >= THRESHOLD).sum() >= FEWEST]
    made_of = _digest(rows.data, rows.indices, np.nan_to_num(targets, nan=-1), weights, unseen, prepared.groups)
    if file.is_file() and str((found := np.load(file))["made_of"]) == made_of:
        return found["crossed"], OverWords(found["weights"], found["bias"], found["rarity"])
    logits, size = np.zeros((len(unseen), targets.shape[1])), targets.shape[1]
    logits[:, columns] = crossed(rows, targets[:, columns], weights, prepared.groups, unseen)
    say("words, all texts")
    whole, bias = np.zeros((rows.shape[1], size)), np.zeros(size)
    whole[:, columns], bias[columns] = fit(rows, targets[:, columns], weights, STRENGTH)
    words = OverWords(whole, bias, rarity(prepared.features.shares))
    rare = words.rarity
    np.savez_compressed(file, made_of=np.array(made_of), crossed=logits, weights=whole, bias=bias, rarity=rare)
    return logits, words


def _digest(*made_of: object) -> str:
    found = hashlib.sha256()
    for each in made_of:
        found.update(each.tobytes() if isinstance(each, np.ndarray) else repr(each).encode())
    return found.hexdigest()


def crossed(rows: csr_matrix, truth: Matrix, weights: Matrix, groups: Sequence[str], unseen: np.ndarray) -> Matrix:
    """The logits of heads over words on the unseen texts, each by heads that were fitted without its fold."""
    fold = np.full(len(groups), -1)
    fold[unseen] = folds([groups[int(n)] for n in unseen], FOLDS, 1)
    found: Matrix = np.zeros(truth.shape)
    for number in range(FOLDS):
        left = np.flatnonzero(fold != number)
        given, bias = fit(rows[left], truth[left], weights[left], STRENGTH)
        asked = np.flatnonzero(fold == number)
        found[asked] = rows[asked] @ given + bias
    asked_for: Matrix = found[unseen]
    return asked_for


def read(encoder: Encoder, examples: Sequence[Example], file: Path) -> Matrix:
    """The pooled vectors of the texts, by the encoder as it is shipped; `file` keeps them."""
    texts = [sentence(each.title, each.text) for each in examples]
    names = [_digest(text) for text in texts]
    known = dict(np.load(file)) if file.is_file() else {}
    new = {name: text for name, text in zip(names, texts, strict=True) if name not in known}
    known |= {name: pooled(encoder.encode(text).vectors) for name, text in new.items()}
    if new:
        np.savez(file, **known)
    return np.array([known[name] for name in names])


def weighed(
    words: Matrix, vectors: Matrix, known: Matrix, truth: np.ndarray, groups: Sequence[str], usual: np.ndarray
) -> Weighed:
    """Weighs words (texts, labels) against the encoder's `known` weights (labels, width) over `vectors`; the
    threshold is chosen on folds, of several draws, and on the texts that are `usual`: where models are unsure,
    fewer stay empty than in life."""
    columns = tuple(theme for theme in THEMES if truth[:, theme].sum() >= FEWEST)
    words, known, truth = words[:, columns], known[list(columns)], truth[:, columns]
    every = []
    for draw in DRAWS:
        fold, logits = folds(groups, 5, draw), np.zeros(truth.shape)
        for number in range(5):
            left, asked = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
            part = _weigh(words[left], vectors[left], known, truth[left])
            logits[asked] = words[asked] * part.words + vectors[asked] @ part.encoder.T + part.bias
        every.append(logits)
    known_of_them = np.concatenate([truth[usual]] * len(DRAWS))
    cut, f1, empty = chosen_cut(np.concatenate([logits[usual] for logits in every]), known_of_them, EMPTY)
    found = _weigh(words, vectors, known, truth)
    return replace(found, columns=columns, bias=found.bias - np.log(cut / (1 - cut)), cut=cut, f1=f1, empty=empty)


def _weigh(words: Matrix, vectors: Matrix, known: Matrix, truth: np.ndarray) -> Weighed:
    said = vectors @ known.T
    themes = np.tile(np.eye(truth.shape[1]), (len(words), 1))
    joint = LogisticRegression(C=1.0, max_iter=500)
    joint.fit(np.hstack([words.reshape(-1, 1), said.reshape(-1, 1), themes]), truth.ravel().astype(int))
    of_words, of_encoder, own = joint.coef_[0, 0], joint.coef_[0, 1], joint.coef_[0, 2:] + joint.intercept_[0]
    together = of_words * words + of_encoder * said + own
    scales, weights, biases = [], [], []
    for theme in range(truth.shape[1]):
        model = LogisticRegression(C=_OWN, max_iter=500)
        model.fit(np.hstack([_LOOSE * together[:, [theme]], vectors]), truth[:, theme].astype(int))
        scale = _LOOSE * model.coef_[0, 0]
        scales.append(scale * of_words)
        weights.append(scale * of_encoder * known[theme] + model.coef_[0, 1:])
        biases.append(scale * own[theme] + model.intercept_[0])
    return Weighed((), np.array(scales), np.array(weights), np.array(biases), 0.5, 0.0, 0.0)


def refitted(heads: Heads, words: OverWords, found: Weighed) -> Heads:
    """`heads` with those of the themes fitted anew; n-grams of the others follow the new rarity."""
    size, columns = len(labels()), list(found.columns)
    before, after = (each.astype(np.float64)[:, None] for each in (heads.rarity, words.rarity))
    ngrams = np.divide(heads.ngrams * after, before, out=np.zeros(heads.ngrams.shape), where=before > 0)
    ngrams[:, columns] = found.words * words.weights[size:, columns] * after
    encoder, lexicon, bias = heads.encoder.copy(), heads.lexicon.copy(), heads.bias.copy()
    encoder[columns] = found.encoder
    lexicon[columns] = (found.words * words.weights[:size, columns]).T
    bias[columns] = found.bias + found.words * words.bias[columns]
    return replace(
        heads,
        encoder=encoder.astype(np.float32),
        lexicon=lexicon.astype(np.float32),
        ngrams=ngrams.astype(np.float16),
        rarity=words.rarity,
        bias=bias.astype(np.float32),
    )


def write(source: Path, target: Path, heads: Heads, found: Weighed) -> None:
    """A copy of the artefact in `source` with these heads, under a name of its own."""
    target.mkdir(parents=True, exist_ok=True)
    for name in (artefact.ENCODER, artefact.TOKENIZER, "NOTICE"):
        shutil.copy(source / name, target / name)
    artefact.write_heads(heads, target / artefact.HEADS)
    manifest = json.loads((source / MANIFEST).read_text("utf-8"))
    digests = {name: digest(target / name) for name in artefact.FILES}
    generation = str(manifest["name"]).partition(".")[0]
    name = f"{generation}.{digests[artefact.ENCODER][:4]}{digests[artefact.HEADS][:4]}"
    refit = {"score made the threshold": round(found.cut, 4), "crossed micro F1": round(found.f1, 4)}
    refit |= {"crossed share left empty": round(found.empty, 4)}
    manifest |= {"name": name, "files": digests, "made": manifest["made"] | {"heads fitted again": refit}}
    (target / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()

"""Fits the heads anew around an encoder that stays as it is: where labels changed and the encoder did not.

`python -m services.classifier.training.refit --corpora DIR --work DIR --target DIR`, about ten minutes of a
processor; what is kept in the work folder is not computed again. The encoder has learnt the labels of the texts
that tuned it: what it says of them is too good to weigh it by. So words, encoder and what the sentences mean (by
`shared.meaning`, which has learnt no label) are weighed on real texts that none has seen, words and meaning by
folds: those that were labelled after the encoder was tuned, and the held-out tenth. There every theme also gets
weights of its own over the vectors, in so far as it needs others, and a threshold is chosen for all together, by
the mean over kinds of text. Labels of which these texts hold too little stay as they are: sovereignty, the
Franco-German flag, `ai`, and every theme with fewer than `FEWEST` of them.
"""

import argparse
import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_matrix, issparse

from services.classifier.labels import labels
from services.classifier.model import THRESHOLD
from services.classifier.shipped import artefact
from services.classifier.shipped.encoder import Encoder
from services.classifier.shipped.heads import Heads, pooled
from services.classifier.shipped.model import sentence
from services.classifier.shipped.said import meanings
from services.classifier.training.features import Prepared, rarity
from services.classifier.training.fit import fit, folds
from services.classifier.training.material import Example
from services.classifier.training.own import fit_dense
from services.classifier.training.plan import Plan, prepare, say
from services.classifier.training.stack import (
    STRENGTH,
    Matrix,
    OverWords,
    joined_features,
    targets_of,
)
from services.classifier.training.weighing import Said, Texts, Weighed, themes_of, weighed
from shared.manifest import MANIFEST, digest
from shared.meaning.encoder import the_encoder

FOLDS: Final = 3
OF_MEANING: Final = 10.0  # inverse regularisation of the heads over what the sentences mean


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
    unseen, targets = Texts.of(prepared), targets_of(prepared.examples)
    say(f"words, crossed on {len(unseen.places)} texts")
    rows = joined_features(prepared.features)
    of_words, words = kept(given.work / "words.npz", prepared, rows, STRENGTH, unseen)
    say("meaning")
    meant = _meant(prepared.examples, given.work / "meant.npy")
    of_meaning, meaning = kept(given.work / "meaning.npz", prepared, meant, OF_MEANING, unseen)
    say("encoder")
    vectors = read(loaded.encoder, [prepared.examples[n] for n in unseen.places], given.work / "vectors.npz")
    said = Said(of_words, of_meaning, vectors, meant[unseen.places])
    found = weighed(said, heads.encoder.astype(np.float64), targets[unseen.places] >= THRESHOLD, unseen)
    say(f"crossed F1 {found.f1:.4f} at {found.cut:.2f}, {found.empty:.3f} of those without a theme left empty")
    new = refitted(heads, OverWords(*words, rarity(prepared.features.shares)), meaning, meant.mean(0), found)
    write(artefact.SHIPPED, given.target, new, found)


def kept(
    file: Path, prepared: Prepared, rows: csr_matrix | Matrix, strength: float, unseen: Texts
) -> tuple[Matrix, tuple[Matrix, Matrix]]:
    """Heads over `rows` (texts, columns): their crossed logits on the unseen texts, and weights (columns, labels)
    and bias of those fitted on all; from `file` where it was made of the same. Other labels have zeros."""
    targets, weights = targets_of(prepared.examples), np.array([each.weight for each in prepared.examples])
    columns = list(themes_of(targets[unseen.places] >= THRESHOLD))
    judged = np.nan_to_num(targets, nan=-1)
    made_of = _digest(*_arrays(rows), judged, weights, unseen.places, prepared.groups, strength)
    if file.is_file() and str((found := np.load(file))["made_of"]) == made_of:
        return found["crossed"], (found["weights"], found["bias"])
    logits, size = np.zeros((len(unseen.places), targets.shape[1])), targets.shape[1]
    logits[:, columns] = crossed(rows, targets[:, columns], weights, unseen, strength)
    whole, bias = np.zeros((rows.shape[1], size)), np.zeros(size)
    whole[:, columns], bias[columns] = _fit(rows, targets[:, columns], weights, strength)
    np.savez_compressed(file, made_of=np.array(made_of), crossed=logits, weights=whole, bias=bias)
    return logits, (whole, bias)


def _meant(examples: Sequence[Example], file: Path) -> Matrix:
    """What title and sentences of each text's first window mean on the average; `file` keeps it."""
    names = _digest([(each.title, each.text) for each in examples], the_encoder().version)
    if file.is_file() and str((found := np.load(file))["made_of"]) == names:
        known: Matrix = found["meant"]
        return known
    found_of = (meanings(the_encoder(), each.title, each.text) for each in examples)
    meant = np.array([vectors.mean(0) for vectors in found_of], np.float64)
    np.savez(file, made_of=np.array(names), meant=meant)
    return meant


def _fit(rows: csr_matrix | Matrix, targets: Matrix, weights: Matrix, strength: float) -> tuple[Matrix, Matrix]:
    return (fit if issparse(rows) else fit_dense)(rows, targets, weights, strength)


def _arrays(rows: Any) -> tuple[np.ndarray, ...]:
    """Of a sparse matrix or a dense one."""
    return (rows.data, rows.indices) if issparse(rows) else (rows,)


def _digest(*made_of: object) -> str:
    found = hashlib.sha256()
    for each in made_of:
        found.update(each.tobytes() if isinstance(each, np.ndarray) else repr(each).encode())
    return found.hexdigest()


def crossed(rows: csr_matrix | Matrix, truth: Matrix, weights: Matrix, unseen: Texts, strength: float) -> Matrix:
    """The logits of heads over `rows` on the unseen texts, each by heads that were fitted without its fold."""
    fold = np.full(rows.shape[0], -1)
    fold[unseen.places] = folds(unseen.groups, FOLDS, 1)
    found: Matrix = np.zeros(truth.shape)
    for number in range(FOLDS):
        left = np.flatnonzero(fold != number)
        given, bias = _fit(rows[left], truth[left], weights[left], strength)
        asked = np.flatnonzero(fold == number)
        found[asked] = rows[asked] @ given + bias
    asked_for: Matrix = found[unseen.places]
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


def refitted(
    heads: Heads, words: OverWords, over_meaning: tuple[Matrix, Matrix], usual: Matrix, found: Weighed
) -> Heads:
    """`heads` with those of the themes fitted anew; n-grams of the others follow the new rarity."""
    size, columns = len(labels()), list(found.columns)
    before, after = (each.astype(np.float64)[:, None] for each in (heads.rarity, words.rarity))
    ngrams = np.divide(heads.ngrams * after, before, out=np.zeros(heads.ngrams.shape), where=before > 0)
    ngrams[:, columns] = found.words * words.weights[size:, columns] * after
    encoder, lexicon, bias = heads.encoder.copy(), heads.lexicon.copy(), heads.bias.copy()
    encoder[columns] = found.encoder
    lexicon[columns] = (found.words * words.weights[:size, columns]).T
    weights, bias_of_meaning = over_meaning
    meaning = np.zeros((size, len(usual)))
    meaning[columns] = (found.meaning * weights[:, columns]).T + found.meant
    bias[columns] = found.bias + found.words * words.bias[columns] + found.meaning * bias_of_meaning[columns]
    return replace(
        heads,
        encoder=encoder.astype(np.float32),
        meaning=meaning.astype(np.float32),
        usual=usual.astype(np.float32),
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
    manifest |= {
        "name": name,
        "meaning": the_encoder().version,
        "files": digests,
        "made": manifest["made"] | {"heads fitted again": refit},
    }
    (target / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()

"""What the heads are trained on besides the encoder: lexicon evidence and hashed n-grams, as at run time."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from tqdm import tqdm

from services.classifier.labels import labels
from services.classifier.lexicon.model import LexiconModel
from services.classifier.model import ClassifiableText
from services.classifier.shipped.heads import lexicon_features
from services.classifier.shipped.ngrams import BUCKETS, Buckets, buckets
from services.classifier.training.material import Example


@dataclass(frozen=True, slots=True)
class Features:
    """Of n texts: lexicon (n, labels), and the shares of their buckets (n, BUCKETS), not yet weighted."""

    lexicon: NDArray[np.float32]
    shares: csr_matrix


@dataclass(frozen=True, slots=True)
class Prepared:
    """The labelled texts that may train, the group of each, whether it is held out, and their features."""

    examples: Sequence[Example]
    groups: Sequence[str]
    held_out: Sequence[bool]
    features: Features

    @property
    def targets(self) -> NDArray[np.float64]:
        """Texts by labels, 0..1; NaN where nobody judged."""
        return np.array([[each.labels.get(label, np.nan) for label in labels()] for each in self.examples])

    @property
    def weights(self) -> NDArray[np.float64]:
        """What each text counts for."""
        return np.array([each.weight for each in self.examples])


def kept_features(examples: Sequence[Example], lexicon: LexiconModel, file: Path) -> Features:
    """Those of the texts; from `file` where it was made of the same texts and terms."""
    read = [(each.title, each.text, each.language) for each in examples]
    made_of = hashlib.sha256(repr((lexicon.name, BUCKETS, read)).encode()).hexdigest()
    if file.is_file() and str((kept := np.load(file))["made_of"]) == made_of:
        parts = (kept[name] for name in ("data", "indices", "indptr"))
        return Features(kept["lexicon"], csr_matrix(tuple(parts), shape=(len(examples), BUCKETS)))
    found = features(examples, lexicon)
    shares = {name: getattr(found.shares, name) for name in ("data", "indices", "indptr")}
    np.savez(file, made_of=np.array(made_of), lexicon=found.lexicon, **shares)
    return found


def features(examples: Iterable[Example], lexicon: LexiconModel) -> Features:
    """Reads every text with the terms of its own language."""
    evidence, found = [], []
    for example in tqdm(list(examples), desc="reading", unit="text", disable=None):
        text = ClassifiableText(example.title, example.text, example.language, (example.language,))
        reading = lexicon.read(text, example.language)
        evidence.append(lexicon_features(reading.findings, labels()))
        words = ([token.folded for token in part.words] for part in (reading.title, reading.body))
        found.append(buckets(*words))
    return Features(np.array(evidence), _matrix(found))


def rarity(shares: csr_matrix) -> NDArray[np.float16]:
    """Weight per bucket: high for what few texts have, 0 for what only one has."""
    counts = np.bincount(shares.indices, minlength=BUCKETS)
    weights = np.log((1 + shares.shape[0]) / (1 + counts)) + 1
    return np.where(counts > 1, weights, 0).astype(np.float16)


def weighted(shares: csr_matrix, weights: NDArray[np.float16]) -> csr_matrix:
    """Rows of length 1: shares times weights."""
    rows = shares.multiply(weights.astype(np.float32)).tocsr()
    sizes = np.sqrt(np.asarray(rows.multiply(rows).sum(1)).ravel())
    return csr_matrix(rows.multiply((1 / np.where(sizes > 0, sizes, 1))[:, None]))


def joined(read: Features) -> csr_matrix:
    """Lexicon and weighted n-grams side by side, as heads over words read them."""
    return hstack([csr_matrix(read.lexicon), weighted(read.shares, rarity(read.shares))]).tocsr()


def _matrix(found: list[Buckets]) -> csr_matrix:
    starts = np.cumsum([0, *(len(each.numbers) for each in found)])
    numbers = np.concatenate([each.numbers for each in found])
    shares = np.concatenate([each.shares for each in found])
    matrix = csr_matrix((shares, numbers, starts), shape=(len(found), BUCKETS))
    matrix.sum_duplicates()
    return matrix

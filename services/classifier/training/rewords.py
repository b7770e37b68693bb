"""Fits the heads over words anew where folding changed, around an encoder that stays as it is.

`python -m services.classifier.training.rewords --corpora DIR --target DIR` fits them twice: with the words spelt
loosely, as the shipped heads were, and as they are folded now. The first must give the shipped heads again, which
proves that these are the texts they were made of; what the second differs by goes into a copy of the artefact. The
weights of the parts and the thresholds stay: they were chosen for all parts together.
"""

import argparse
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from services.classifier.labels import labels
from services.classifier.shipped import artefact
from services.classifier.shipped.heads import Heads
from services.classifier.training.plan import Plan, prepare, say
from services.classifier.training.stack import OverWords, over_words
from shared.errors import ConfigError
from shared.manifest import MANIFEST, digest
from shared.text.fold import loose_word

_SAME: Final = 0.05  # of a weight's size that other versions of the fitting program may differ by


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m services.classifier.training.rewords",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--corpora", type=Path, required=True, help="folder of the corpora (see data/README.md)")
    parser.add_argument("--target", type=Path, required=True, help="folder of the model with the new heads")
    given = parser.parse_args()
    plan = Plan(given.corpora, given.target)
    say("as shipped")
    before = over_words(prepare(plan, lambda token: loose_word(token.surface)))
    say("as folded now")
    after = over_words(prepare(plan))
    rewrite(artefact.SHIPPED, given.target, before, after)


def rewrite(source: Path, target: Path, before: OverWords, after: OverWords) -> None:
    """A copy of the artefact in `source` with heads over words `after`. Raises ConfigError when `before` is not
    what it was made of."""
    manifest = json.loads((source / MANIFEST).read_text("utf-8"))
    weight = float(manifest["made"]["weight of the words"])
    heads = artefact.read_heads(source / artefact.HEADS)
    off = _off(heads, before, weight)
    say(f"the shipped heads are met but for {off:.4f}")
    if off > _SAME:
        raise ConfigError(f"these texts do not give the shipped heads again: off by {off:.3f}")
    for name in (artefact.ENCODER, artefact.TOKENIZER, "NOTICE"):
        shutil.copy(source / name, target / name)
    artefact.write_heads(_reworded(heads, before, after, weight), target / artefact.HEADS)
    digests = {name: digest(target / name) for name in artefact.FILES}
    generation = str(manifest["name"]).partition(".")[0]
    name = f"{generation}.{digests[artefact.ENCODER][:4]}{digests[artefact.HEADS][:4]}"
    manifest |= {"name": name, "files": digests}
    (target / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")


def _off(heads: Heads, before: OverWords, weight: float) -> float:
    """How far the n-gram weights are from the shipped ones, by the size of these."""
    ours = _ngrams(before, weight)
    theirs = heads.ngrams.astype(np.float64)
    return float(np.linalg.norm(ours - theirs) / np.linalg.norm(theirs))


def _ngrams(words: OverWords, weight: float) -> np.ndarray:
    return weight * words.weights[len(labels()) :] * words.rarity[:, None].astype(np.float64)


def _reworded(heads: Heads, before: OverWords, after: OverWords, weight: float) -> Heads:
    size = len(labels())
    return replace(
        heads,
        lexicon=(weight * after.weights[:size].T).astype(np.float32),
        ngrams=_ngrams(after, weight).astype(np.float16),
        rarity=after.rarity,
        bias=(heads.bias + weight * (after.bias - before.bias)).astype(np.float32),
    )


if __name__ == "__main__":
    main()

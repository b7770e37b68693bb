"""Fits the heads anew around an encoder that stays as it is: where labels changed and the encoder did not.

`python -m services.classifier.training.refit --corpora DIR --work DIR --target DIR`; what is kept in the work
folder is not computed again, and nothing is drawn at random but folds, from fixed seeds. The encoder has learnt
the labels of the texts that tuned it: what it says of them is too good to weigh it by. So words, encoder and
what the sentences mean (by `shared.meaning`, which has learnt no label) are weighed on texts that none has
seen, words and meaning by folds: those that were labelled after the encoder was tuned, and the held-out tenth.
There every label that enough of them have also gets weights of its own over the vectors, in so far as it needs
others, and a threshold is chosen for all together, by the mean over kinds of text. `--clean` does without the
releases whose licence forbids commercial use, and so without the encoder, which learnt from them.
"""

import argparse
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from services.classifier.labels import labels
from services.classifier.shipped import artefact
from services.classifier.shipped.encoder import Encoder
from services.classifier.shipped.heads import Heads
from services.classifier.training.features import Prepared, joined, rarity
from services.classifier.training.fit import Matrix
from services.classifier.training.parts import Part, meant, part, read
from services.classifier.training.plan import Plan, prepare, say
from services.classifier.training.unseen import Texts
from services.classifier.training.weighing import Chosen, Said, Weighed, weighed
from shared.manifest import MANIFEST, digest
from shared.meaning.encoder import the_encoder

TUNED: Final = "tuned.npz"  # the encoder's own weights of the labels, as it was tuned: what is weighed
LEARNT_LATER: Final = "learnt later labels"  # in the manifest: whether the encoder was tuned on them, too
OF_WORDS: Final = 4.0  # inverse regularisation of the heads over words
OF_MEANING: Final = 10.0  # the same of those over what the sentences mean


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m services.classifier.training.refit",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--corpora", type=Path, required=True, help="folder of the corpora (see data/README.md)")
    parser.add_argument("--work", type=Path, required=True, help="folder that keeps what was computed")
    parser.add_argument("--target", type=Path, required=True, help="folder of the model with the new heads")
    parser.add_argument("--clean", action="store_true", help="without the releases under CC BY-NC-SA")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    plan = Plan(given.corpora, given.work, clean=given.clean)
    refit(plan, prepare(plan), artefact.SHIPPED, given.target, with_encoder=not given.clean)


def refit(plan: Plan, prepared: Prepared, source: Path, target: Path, with_encoder: bool = True) -> None:
    """Writes the model in `source` with new heads to `target`, which may be the same folder."""
    manifest = json.loads((source / MANIFEST).read_text("utf-8"))
    unseen = Texts.of(prepared, bool(manifest.get(LEARNT_LATER)))
    say(f"words, crossed on {len(unseen.places)} texts")
    words = part(joined(prepared.features), OF_WORDS, prepared, unseen, plan.work / "words.npz")
    say("meaning")
    means = meant(prepared.examples, plan.work / "meant.npz")
    meaning = part(means, OF_MEANING, prepared, unseen, plan.work / "meaning.npz")
    say("encoder")
    known = np.load(source / TUNED)["weights"].astype(np.float64)
    vectors = np.zeros((len(unseen.places), known.shape[1]))
    if with_encoder:
        graph = source / artefact.ENCODER
        encoder, file = Encoder(graph, source / artefact.TOKENIZER), f"vectors-{digest(graph)[:8]}.npz"
        vectors = read(encoder, [prepared.examples[n] for n in unseen.places], plan.work / file)
    said = Said(words.crossed, meaning.crossed, vectors, means[unseen.places])
    found, chosen = weighed(said, known, unseen)
    say(f"crossed F1 {chosen.f1:.4f} at {chosen.cut:.2f}, {chosen.empty:.3f} of those without a theme left empty")
    rare = rarity(prepared.features.shares)
    write(source, target, heads_of(found, words, meaning, rare, vectors.mean(0), means.mean(0)), describe(chosen))


def heads_of(
    found: Weighed, words: Part, meaning: Part, rare: np.ndarray, usual_vector: Matrix, usual: Matrix
) -> Heads:
    """The parts as they count, in one set of heads."""
    size = len(labels())
    return Heads(
        labels=labels(),
        encoder=found.encoder.astype(np.float32),
        mean=usual_vector.astype(np.float32),
        meaning=((found.meaning * meaning.weights).T + found.meant).astype(np.float32),
        usual=usual.astype(np.float32),
        lexicon=(found.words * words.weights[:size]).T.astype(np.float32),
        ngrams=(found.words * words.weights[size:] * rare[:, None].astype(np.float64)).astype(np.float16),
        rarity=rare,
        bias=(found.bias + found.words * words.bias + found.meaning * meaning.bias).astype(np.float32),
    )


def describe(chosen: Chosen) -> Mapping[str, float]:
    """What the manifest says of how the heads were fitted."""
    return {
        "score made the threshold": round(chosen.cut, 4),
        "crossed micro F1": round(chosen.f1, 4),
        "crossed share left empty": round(chosen.empty, 4),
    }


def write(source: Path, target: Path, heads: Heads, made: Mapping[str, float]) -> None:
    """The artefact in `source` with these heads, under a name of its own."""
    target.mkdir(parents=True, exist_ok=True)
    for name in (artefact.ENCODER, artefact.TOKENIZER, TUNED, "NOTICE"):
        if source != target and (source / name).is_file():
            shutil.copy(source / name, target / name)
    artefact.write_heads(heads, target / artefact.HEADS)
    manifest: dict[str, Any] = json.loads((source / MANIFEST).read_text("utf-8"))
    digests = {name: digest(target / name) for name in artefact.FILES}
    generation = str(manifest["name"]).partition(".")[0]
    manifest |= {
        "name": f"{generation}.{digests[artefact.ENCODER][:4]}{digests[artefact.HEADS][:4]}",
        "meaning": the_encoder().version,
        "files": digests,
        "made": manifest["made"] | {"heads": made},
    }
    (target / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()

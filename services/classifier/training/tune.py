"""Joint fine-tuning: the encoder with one linear head over all labels, on labelled texts of the three languages.

Labels nobody judged are masked. A publication in several languages comes in one batch, and its logits are pulled
together, so that the same text gets the same tags in each. Checkpoints survive an interruption.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torch.nn import functional

from services.classifier.labels import labels
from services.classifier.training.checkpoints import Checkpoints
from services.classifier.training.encoders import Encoder
from services.classifier.training.material import Example

_EMBEDDINGS_RATE: Final = 2.0  # times the rate: the new pieces of the vocabulary have far to go
_WARM_UP: Final = 60  # steps
_AGREEMENT: Final = 0.02  # weight of the squared distance of a publication's logits in its languages
_BATCH: Final = 24
TOKENS: Final = 104  # of a text that are read
_SCALE: Final = 12.0  # pooled vectors have length 1: what the head multiplies them by before it learns anything


@dataclass(frozen=True, slots=True)
class Head:
    """Logit = weights @ pooled + bias, per label in the order of `labels()`."""

    weights: torch.Tensor
    bias: torch.Tensor


class Tagger(torch.nn.Module):  # type: ignore[misc]
    """The encoder and its head."""

    def __init__(self, encoder: Encoder, width: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = torch.nn.Linear(width, len(labels()))
        torch.nn.init.normal_(self.head.weight, std=0.02)
        torch.nn.init.constant_(self.head.bias, -2.0 / _SCALE)

    def forward(self, texts: Sequence[str]) -> torch.Tensor:
        return _SCALE * self.head(self.encoder.pooled(texts, TOKENS))

    def begin_at(self, weights: torch.Tensor, bias: torch.Tensor) -> None:
        """Takes up a head that was learnt before."""
        with torch.no_grad():
            self.head.weight.copy_(weights / _SCALE)
            self.head.bias.copy_(bias / _SCALE)

    def linear(self) -> Head:
        return Head(_SCALE * self.head.weight.detach(), _SCALE * self.head.bias.detach())


@dataclass(frozen=True, slots=True)
class Manner:
    """How fast the encoder learns, how many times as fast its head, and parts of it that stay as they are."""

    encoder: float = 1.5e-4
    head: float = 20.0
    stays: tuple[str, ...] = ()


def tune(encoder: Encoder, examples: Sequence[Example], epochs: float, seed: int, folder: Path) -> Tagger:
    """The tagger after `epochs` passes over `examples`; takes up at the last checkpoint in `folder`."""
    torch.manual_seed(seed)
    return taught(Tagger(encoder, encoder.width), list(passes(examples, epochs, seed)), Manner(), folder)


def taught(tagger: Tagger, batches: Sequence[Sequence[Example]], manner: Manner, folder: Path) -> Tagger:
    """The tagger after these batches; takes up at the last checkpoint in `folder`."""
    for name, parameter in tagger.encoder.model.named_parameters():
        parameter.requires_grad = not name.startswith(manner.stays)
    optimiser = torch.optim.AdamW(_parameters(tagger, manner), weight_decay=0.01)
    bases = [group["lr"] for group in optimiser.param_groups]
    checkpoints = Checkpoints(folder, tagger, optimiser)
    for step in checkpoints.steps(len(batches)):
        for group, base in zip(optimiser.param_groups, bases, strict=True):
            group["lr"] = base * min(1.0, (step + 1) / _WARM_UP) * max(0.02, 1 - step / len(batches))
        optimiser.zero_grad()
        loss = _loss(tagger, batches[step])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(tagger.parameters(), 1.0)
        optimiser.step()
        checkpoints.passed(step, float(loss.detach()))
    tagger.eval()
    return tagger


def reading(example: Example) -> str:
    """What the encoder reads of an example: the same as at run time."""
    return f"{example.title}. {example.text}" if example.text else example.title


def _loss(tagger: Tagger, batch: Sequence[Example]) -> Any:
    logits = tagger([reading(example) for example in batch])
    target, known = _targets(batch)
    weight = torch.tensor([example.weight for example in batch])[:, None] * known
    wrong = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return (wrong * weight).sum() / len(batch) + _AGREEMENT * _disagreement(logits, batch)


def _targets(batch: Sequence[Example]) -> tuple[torch.Tensor, torch.Tensor]:
    rows = [[example.labels.get(label, -1.0) for label in labels()] for example in batch]
    target = torch.tensor(rows)
    return target.clamp(min=0.0), (target >= 0).float()


def _disagreement(logits: torch.Tensor, batch: Sequence[Example]) -> Any:
    groups: Mapping[str, list[int]] = defaultdict(list)
    for place, example in enumerate(batch):
        groups[example.group].append(place)
    shared = [logits[places].clamp(-6, 6) for places in groups.values() if len(places) > 1]
    if not shared:
        return logits.sum() * 0
    return sum(((each - each.mean(0)) ** 2).sum() for each in shared) / len(batch)


def passes(examples: Sequence[Example], epochs: float, seed: int) -> Iterator[list[Example]]:
    """Batches of about the same length. A publication in three languages gives two of them per epoch."""
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        groups[example.group].append(example)
    draw = random.Random(seed)
    whole, rest = int(epochs), epochs - int(epochs)
    for share in [1.0] * whole + ([rest] if rest else []):
        chosen = [draw.sample(each, min(2, len(each))) for each in groups.values() if draw.random() < share]
        draw.shuffle(chosen)
        yield from _batches(chosen, draw)


def _batches(publications: Sequence[Sequence[Example]], draw: random.Random) -> Iterator[list[Example]]:
    stretch = 400  # publications sorted by length among themselves: little padding, and still at random
    batches = []
    for start in range(0, len(publications), stretch):
        batch: list[Example] = []
        for each in sorted(publications[start : start + stretch], key=lambda p: len(reading(p[0]))):
            batch += each
            if len(batch) >= _BATCH:
                batches.append(batch)
                batch = []
        if batch:
            batches.append(batch)
    draw.shuffle(batches)
    yield from batches


def _parameters(tagger: Tagger, manner: Manner) -> list[dict[str, Any]]:
    named = dict(tagger.named_parameters())
    pieces = [p for name, p in named.items() if "word_embeddings" in name]
    head = [p for name, p in named.items() if name.startswith("head")]
    rest = [p for name, p in named.items() if "word_embeddings" not in name and not name.startswith("head")]
    return [
        {"params": pieces, "lr": manner.encoder * _EMBEDDINGS_RATE, "weight_decay": 0.0},
        {"params": head, "lr": manner.encoder * manner.head},
        {"params": rest, "lr": manner.encoder},
    ]

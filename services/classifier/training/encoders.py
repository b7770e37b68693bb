"""A sentence encoder with its tokenizer, as training holds it: text -> one vector of length 1."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch.nn import functional
from transformers import AutoModel


class Encoder(torch.nn.Module):  # type: ignore[misc]
    """Mean of the token vectors, scaled to length 1. Long batches are read in two halves, short texts apart."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.model: Any = AutoModel.from_pretrained(folder, local_files_only=True)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self._pad = self.tokenizer.token_to_id("[PAD]")

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return int(self.model.config.hidden_size)

    def pooled(self, texts: Sequence[str], tokens: int) -> torch.Tensor:
        """One row per text, of which `tokens` tokens are read at most. Shape (texts, width)."""
        order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
        half = (len(order) + 1) // 2
        parts = [part for part in (order[:half], order[half:]) if part]
        rows = torch.cat([self._part([texts[n] for n in part], tokens) for part in parts])
        return rows[torch.tensor(order).argsort()]

    def embedded(self, texts: Sequence[str], tokens: int) -> torch.Tensor:
        """The same without gradients, for any number of texts."""
        order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
        rows = torch.zeros(len(texts), self.width)
        self.eval()
        with torch.inference_mode():
            for part in _cut(order, 64):
                rows[part] = self._part([texts[n] for n in part], tokens)
        return rows

    def _part(self, texts: Sequence[str], tokens: int) -> torch.Tensor:
        self.tokenizer.enable_truncation(tokens)
        read = self.tokenizer.encode_batch(list(texts))
        longest = max(len(each.ids) for each in read)
        ids = torch.full((len(read), longest), self._pad)
        mask = torch.zeros(len(read), longest)
        for row, each in enumerate(read):
            ids[row, : len(each.ids)] = torch.tensor(each.ids)
            mask[row, : len(each.ids)] = 1
        vectors = self.model(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        mean = (vectors * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return functional.normalize(mean, dim=1)


def without_dropout(model: torch.nn.Module, share: float = 0.0) -> None:
    """Sets every dropout of `model` to `share`."""
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = share


def _cut(order: Sequence[int], size: int) -> Iterator[list[int]]:
    return (list(order[start : start + size]) for start in range(0, len(order), size))

"""Training that survives an interruption: the state every so many steps, replaced at once, and taken up again."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import torch

EVERY: Final = 100  # steps between two checkpoints
_TOLD: Final = 20  # steps between two lines of progress


class Checkpoints:
    """Model and optimiser of one stage in one file of `folder`."""

    def __init__(self, folder: Path, model: torch.nn.Module, optimiser: torch.optim.Optimizer) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "state.pt"
        self._model, self._optimiser = model, optimiser
        self._loss, self._total, self._began = 0.0, 0, time.monotonic()

    def steps(self, total: int) -> Iterator[int]:
        """The numbers of the steps that are left of `total`."""
        start = self._restored()
        self._total, self._began = total, time.monotonic()
        yield from range(start, total)
        self._save(total)

    def passed(self, step: int, loss: float) -> None:
        """Step number `step` is done: say so now and then, keep the state now and then."""
        self._loss = loss if not self._loss else 0.97 * self._loss + 0.03 * loss
        if (step + 1) % _TOLD == 0:
            minutes = (time.monotonic() - self._began) / 60
            sys.stderr.write(f"{step + 1}/{self._total} loss {self._loss:.4f} {minutes:.1f} min\n")
        if (step + 1) % EVERY == 0:
            self._save(step + 1)

    def _restored(self) -> int:
        if not self._file.is_file():
            return 0
        state: dict[str, Any] = torch.load(self._file, weights_only=True)
        self._model.load_state_dict(state["model"])
        self._optimiser.load_state_dict(state["optimiser"])
        return int(state["step"])

    def _save(self, step: int) -> None:
        state = {"model": self._model.state_dict(), "optimiser": self._optimiser.state_dict(), "step": step}
        written = self._file.with_suffix(".tmp")
        torch.save(state, written)
        written.replace(self._file)

"""How backup and restore show how far they are: a bar on a terminal, nothing else elsewhere."""

import sys
from typing import Any

from tqdm import tqdm


class Bars:
    """One bar after the other, on standard error."""

    def __init__(self) -> None:
        self._bar: Any = None

    def begin(self, what: str, total: int) -> None:
        self.close()
        self._bar = tqdm(
            desc=what, total=total or None, unit="B", unit_scale=True, file=sys.stderr, disable=None, leave=False
        )

    def moved(self, size: int) -> None:
        if self._bar is not None:
            self._bar.update(size)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

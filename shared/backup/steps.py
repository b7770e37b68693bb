"""Pure. How a backup or a restore says how far it is."""

from typing import Protocol


class Steps(Protocol):
    """Told what is done, and how many bytes of it went by."""

    def begin(self, what: str, total: int) -> None:
        """A step begins; `total` is its bytes, 0 where nobody knows."""
        ...

    def moved(self, size: int) -> None: ...

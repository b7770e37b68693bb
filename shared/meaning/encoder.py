"""The one encoder of a process: loaded when it is first asked, never when it is not, and numpy with it."""

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from shared.manifest import Damaged

if TYPE_CHECKING:
    from shared.meaning.encoding import Encoder

SHIPPED: Final = Path(__file__).parent / "artefact"


class Lazy:
    """The encoder in a folder, loaded at the first call. What is wrong with it is found once, said every time."""

    def __init__(self, folder: Path = SHIPPED) -> None:
        self._folder, self._lock = folder, Lock()
        self._found: Encoder | Damaged | None = None

    def __call__(self) -> "Encoder":
        """Raises Damaged."""
        with self._lock:
            if self._found is None:
                self._found = _found(self._folder)
        if isinstance(self._found, Damaged):
            raise self._found
        return self._found


the_encoder: Final = Lazy()  # of this process: who needs meaning asks for this one


def _found(folder: Path) -> "Encoder | Damaged":
    from shared.meaning.artefact import load
    from shared.meaning.encoding import Encoder

    try:
        return Encoder(load(folder))
    except Damaged as error:
        return error

"""Pure. Whether weights are those of the model that takes them up again."""

from collections.abc import Sequence
from typing import Final

from shared.manifest import Damaged

_UNREAD: Final = "pooler"  # what nothing here reads may be missing


def hold(source: str, *, lacking: Sequence[str], foreign: Sequence[str]) -> None:
    """Raises Damaged, in a sentence, where the weights in `source` are another model's."""
    needed = [name for name in lacking if not name.startswith(_UNREAD)]
    wrong = [f"unknown {name}" for name in foreign] + [f"no {name}" for name in needed]
    if wrong:
        raise Damaged(f"The encoder in {source} is not of the published one's shape: {', '.join(wrong[:5])}.")

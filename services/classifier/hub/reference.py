"""Pure. What `VIGIE_MODEL` names besides the shipped models: `hf:ORG/NAME[@REVISION]`, or the path of a folder."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shared.errors import ConfigError

SCHEME: Final = "hf:"
_PART: Final = r"[A-Za-z0-9][\w.-]*"
_REPOSITORY: Final = re.compile(rf"({_PART}/{_PART})(?:@([\w./-]+))?", re.ASCII)
_HOW: Final = "Write lexicon, hf:ORG/NAME, hf:ORG/NAME@REVISION, or the path of a folder as in ./my-model"


@dataclass(frozen=True, slots=True)
class Repository:
    """A model of the hub. `revision` is a branch, a tag or a commit."""

    id: str
    revision: str = ""

    def __str__(self) -> str:
        return f"{SCHEME}{self.id}" + (f"@{self.revision}" if self.revision else "")


def parse(model: str) -> Repository | Path:
    """The repository or the folder. Raises ConfigError for what is neither."""
    if model.startswith(SCHEME):
        found = _REPOSITORY.fullmatch(model.removeprefix(SCHEME))
        if not found:
            raise ConfigError(f"VIGIE_MODEL is {model!r}, which is no name of a hub model. {_HOW}.")
        return Repository(found[1], found[2] or "")
    if "/" in model or "\\" in model or model.startswith((".", "~")):
        return Path(model).expanduser()
    raise ConfigError(f"VIGIE_MODEL is {model!r}, and there is no such model. {_HOW}.")

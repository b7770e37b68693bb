"""How far a re-classification came: kept after each page, so that the next run goes on there."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Items that `model` did not judge, first seen at `since` or later, in order of arrival up to `after`."""

    model: str
    since: datetime | None
    after: str

    def covers(self, model: str, since: datetime | None) -> bool:
        """Whether what it handed over is the beginning of what is wanted now."""
        return model == self.model and (self.since is None or (since is not None and since >= self.since))


def read(path: Path) -> HandedOver | None:
    """None when there is none, or none that can be read."""
    try:
        kept = json.loads(path.read_text("utf-8"))
        since = kept["since"] and datetime.fromisoformat(kept["since"])
        return HandedOver(str(kept["model"]), since, str(kept["after"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write(path: Path, done: HandedOver) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(done), default=datetime.isoformat), "utf-8")
    fresh.replace(path)

"""Pure. Which items' mails wait for a person after a restore: those that may have been mailed already."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

RESTORED: Final = "held since the database was restored: it may have been sent before"


@dataclass(frozen=True, slots=True)
class Restored:
    """The last restore. `until` says when a source's first successful poll since was over, None where it is due.

    A source that was added since is not in it.
    """

    at: datetime
    until: Mapping[str, datetime | None]

    def holds(self, fetched_at: datetime, sources: Iterable[str]) -> bool:
        """Whether mail waits about an item that was first fetched, or released by a person, then at these sources.

        Before the restore somebody may have mailed it; what a first poll brings was partly there before.
        """
        if fetched_at <= self.at:
            return True
        return any(self._at_first(fetched_at, self.until[source]) for source in sources if source in self.until)

    @staticmethod
    def _at_first(fetched_at: datetime, until: datetime | None) -> bool:
        return until is None or fetched_at <= until

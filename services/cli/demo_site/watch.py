"""How far texts have come: into the archive, and into the mails of the file sink."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from shared.archive.found import FoundItem
from shared.archive.search import count, item
from shared.identity import canonical_url, item_id_for_url
from shared.store import Store


@dataclass(slots=True)
class Followed:
    """A published text on its way. `revision` is the one it will be; 1 unless it is an edit."""

    title: str
    url: str
    published: datetime
    revision: int = 1
    seen: FoundItem | None = None
    mailed: datetime | None = None

    @property
    def seen_after(self) -> float | None:
        """Seconds from publication to first seen; for an edit, to the revision."""
        if self.seen is None:
            return None
        moment = self.seen.first_seen if self.revision == 1 else self.seen.revised_at
        return (moment - self.published).total_seconds()

    @property
    def mailed_after(self) -> float | None:
        return (self.mailed - self.published).total_seconds() if self.mailed else None


@dataclass(slots=True)
class Mailbox:
    """The file sink: tells which addresses were mailed, and when. Reads every mail once."""

    folder: Path
    _texts: dict[str, tuple[datetime, str]] = field(default_factory=dict)

    def look(self) -> int:
        """Read what is new; returns how many mails there are."""
        for file in self.folder.glob("*.eml"):
            if file.name not in self._texts:
                at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
                self._texts[file.name] = at, _plain(file)
        return len(self._texts)

    def mailed(self, url: str) -> datetime | None:
        """When the first mail with this address was written; None while there is none."""
        return min((at for at, text in self._texts.values() if url in text.split()), default=None)


def follow(store: Store, mailbox: Mailbox, texts: Sequence[Followed]) -> tuple[Followed, ...]:
    """Look where the texts are; returns those that came a step further."""
    mailbox.look()
    return tuple(text for text in texts if _step(store, mailbox, text))


def items_archived(store: Store) -> int:
    with store.reading() as session:
        return count(session)


def _step(store: Store, mailbox: Mailbox, text: Followed) -> bool:
    if text.seen is None:
        with store.reading() as session:
            found = item(session, item_id_for_url(canonical_url(text.url)))
        if found is not None and found.revision >= text.revision:
            text.seen = found
            return True
    elif text.mailed is None and text.revision == 1:
        text.mailed = mailbox.mailed(text.url)
        return text.mailed is not None
    return False


def _plain(file: Path) -> str:
    part = message_from_bytes(file.read_bytes(), policy=default).get_body(("plain",))
    return str(part.get_content()) if part else ""

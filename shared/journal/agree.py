"""Brings a store and a journal in line, at the start and whenever the store turns out to have gone back.

The store is written first, so that a death in between leaves it ahead of the journal, which is no restore.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from secrets import token_bytes, token_hex
from typing import Final

from sqlmodel import Session

from shared.boot import boot
from shared.errors import JournalUnavailable
from shared.journal import lineage
from shared.journal.endings import forgotten, replay
from shared.journal.file import JournalFile
from shared.journal.judge import Judgement, Verdict, judge
from shared.journal.lines import Content, Head, Mark
from shared.journal.restoring import hold_mails
from shared.store import Store
from shared.subscriptions.keys import Keys
from shared.subscriptions.version import changing

log = logging.getLogger(__name__)

OTHERS_WITHIN: Final = 15.0  # seconds that another notifier has to say that it knows this database

KeysOf = Callable[[Session], Keys]


@dataclass(slots=True)
class Others:
    """Other notifiers on the same database server: who said when that its journal agrees, as of the first look."""

    known: Mapping[str, datetime]
    since: float

    def vouch(self, now: Mapping[str, datetime]) -> bool:
        """Whether one of them has said so again. What a restored database holds of them is old, and stays."""
        return any(self.known.get(journal) != at for journal, at in now.items())


class Agreement:
    """What makes a journal and a store agree; it remembers since when it waits for others."""

    def __init__(self, store: Store, keys: KeysOf, monotonic: Callable[[], float]) -> None:
        self._store, self._keys, self._monotonic = store, keys, monotonic
        self._others: Others | None = None

    def make(self, file: JournalFile) -> tuple[str, ...]:
        """Returns the mails of people who were erased again. Raises JournalUnavailable, StoreUnavailable."""
        with changing(self._store) as session:
            beside = file.content.head.store if file.content else None
            now, facts = self._store.now(session), lineage.lineage(session, beside)
            found = judge(file.content, facts, now, file.path, damage=file.damage, boot=boot())
            judged = self._judged(session, found)
            ours = file.content if judged.ours else None
            content = ours or Content(Head(token_hex(8), facts.store, token_bytes(32)), Mark(0, now), ())
            mails = self._again(session, content, now)
            content = replace(content, mark=self._carry_out(session, judged, content.mark, now))
        if ours is None:
            file.begin(content)
        else:
            file.advance(content.mark)
        self._others = None
        if judged.verdict is Verdict.RESTORED:
            log.warning("the database was restored: mails wait", extra={"reason": str(judged.reason)})
        return mails

    def _carry_out(self, session: Session, judged: Judgement, mark: Mark, now: datetime) -> Mark:
        """Returns where both stand then."""
        facts = lineage.lineage(session)
        agreed = Mark(facts.generation, now, facts.mails, boot())
        if judged.verdict in (Verdict.RESTORED, Verdict.COVERED):
            newest = max(facts.generation, mark.generation) + 1
            agreed = replace(agreed, generation=newest, mails=max(facts.mails, mark.mails))
        restored = judged.verdict is Verdict.RESTORED
        if restored:
            hold_mails(session, now, judged.reason)
        lineage.settle(session, agreed.generation, agreed.mails, now if restored else None)
        return agreed

    def _again(self, session: Session, content: Content, now: datetime) -> tuple[str, ...]:
        what = forgotten(session, content.entries, content.head.key)
        if not what:
            return ()
        counted = {name: len(ids) for name, ids in asdict(what).items()}
        log.warning("the journal knows what the database does not: done again", extra=counted)
        return replay(session, what, now, self._keys(session))

    def _judged(self, session: Session, judged: Judgement) -> Judgement:
        """A notifier that joins others brings no journal; one of them that is at work knows the database."""
        if judged.verdict is not Verdict.RESTORED or judged.ours or self._store.sqlite:
            return judged
        said = lineage.vouchers(session)
        if self._others is None:
            self._others = Others(said, self._monotonic())
        if self._others.vouch(said):
            return Judgement(Verdict.NEW, ours=False)
        if self._others.known and self._monotonic() - self._others.since < OTHERS_WITHIN:
            raise JournalUnavailable(f"{judged.reason}. Waiting whether another notifier knows this database")
        return judged

"""The store door of what mails tell: their matches, who speaks for them, the items as they are now.

Read for many mails at once: a batch of them costs a dozen statements, not a dozen each.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from sqlmodel import Session, col, select

from services.notifier.letters import Entry, Other, Speaking
from services.notifier.still import Still, Voice, still
from shared.archive.holdings import Holding, load
from shared.archive.stories import families, items_of_story
from shared.archive.versions import Version, besides, told_in, versions
from shared.items import Announcement, ArchivedItem
from shared.moments import ahead
from shared.subscriptions.rows import options_of
from shared.subscriptions.tables import DeliveryRow, MatchRow, MatchSubscriptionRow, SubscriptionRow
from shared.subscriptions.words import Every, Kind, State, Why

AT_ONCE: Final = 200  # items held: a digest that makes up for weeks must not hold every text
BEGINNING: Final = 2000  # characters of an item that a letter holds; a mail shows fewer
FIRST: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Told:
    """A story of a mail: the item that it shows, with what the archive holds of it; and its other versions."""

    held: Holding
    found: Still
    besides: tuple[Version, ...]


class Stories:
    """What these mails may tell, as of the session's moment."""

    def __init__(self, session: Session, mails: Collection[DeliveryRow], now: datetime) -> None:
        self._session = session
        ids = [mail.id for mail in mails]
        matches = session.exec(
            select(MatchRow).where(col(MatchRow.delivery_id).in_(ids)).order_by(col(MatchRow.id))
        ).all()
        self._merged = families(session, {match.story for match in matches})
        self._told = dict(_told(session, matches, self._merged))
        self._of_mail: dict[str, dict[str, list[MatchRow]]] = defaultdict(lambda: defaultdict(list))
        for match in matches:
            root = self._merged.get(match.story, match.story)
            self._of_mail[match.delivery_id or ""][root].append(match)
        first = {mail.id for mail in mails if mail.kind == Kind.FIRST}
        archive = {match.id or 0 for match in matches if match.delivery_id in first}
        self._voices = _voices(session, matches, archive, now)
        self._versions = versions(session, {self._merged.get(match.story, match.story) for match in matches})
        self._held: dict[str, tuple[Holding, ArchivedItem]] = {}
        self._read([match.item_id for match in matches][:AT_ONCE])

    def told_by(self, mail: str, language: str = "") -> Iterator[Told]:
        """What the mail tells, each story once: not what was corrected away, nor what another mail told.

        With a `language` in the words of that language, where the story has them.
        """
        for root, matches in self._of_mail[mail].items():
            of_person = matches[0].person, root
            if self._told.get(of_person, mail) != mail:
                continue
            all_ = (voice for match in matches for voice in self._voices.get(match.id or 0, ()))
            voices = list({voice.subscription.id: voice for voice in all_}.values())
            found = still(voices, self._items(matches)) if voices else None
            if found is not None:
                self._told[of_person] = mail  # two mails of one batch may have matched before a merge
                yield self._in(language, root, found)

    def _in(self, language: str, root: str, found: Still) -> Told:
        known, shown = self._versions.get(root, ()), found.item.item_id
        if language and (better := told_in(known, language, shown)) != shown:
            for item in self._read([better]):
                found, shown = replace(found, item=item), better
        return Told(self._held[shown][0], found, tuple(besides(known, shown)))

    def _items(self, matches: Sequence[MatchRow]) -> Iterator[ArchivedItem]:
        """The items of a story: those that matched, then the others, which are read when they are asked for."""
        matched = list(dict.fromkeys(match.item_id for match in matches))
        yield from self._read(matched)
        others = items_of_story(self._session, matches[0].story)
        yield from self._read([item_id for item_id in others if item_id not in matched])

    def _read(self, ids: Sequence[str]) -> Sequence[ArchivedItem]:
        missing = [item_id for item_id in ids if item_id not in self._held]
        if len(self._held) + len(missing) > AT_ONCE:
            self._held = {item_id: self._held[item_id] for item_id in ids if item_id in self._held}
        if missing:
            self._held |= {id_: (held, held.state()) for id_, held in load(self._session, missing).items()}
        return [self._held[item_id][1] for item_id in ids if item_id in self._held]


def _told(
    session: Session, matches: Collection[MatchRow], merged: Mapping[str, str]
) -> Mapping[tuple[str, str], str]:
    """(person, story) -> the mail that told it, of merged stories; of the others a person has one match."""
    if not merged:
        return {}
    sent = (
        select(MatchRow.person, MatchRow.story, MatchRow.delivery_id)
        .join(DeliveryRow, col(DeliveryRow.id) == col(MatchRow.delivery_id))
        .where(
            col(MatchRow.person).in_({match.person for match in matches}),
            col(MatchRow.story).in_(merged),
            DeliveryRow.state == State.SENT,
        )
    )
    return {(person, merged[story]): mail or "" for person, story, mail in session.exec(sent).all()}


def _voices(
    session: Session, matches: Collection[MatchRow], archive: Collection[int], now: datetime
) -> Mapping[int, Sequence[Voice]]:
    """Match -> the subscriptions that found it and are still wanted; some matches are of the `archive`."""
    query = (
        select(MatchSubscriptionRow, SubscriptionRow)
        .join(SubscriptionRow, col(SubscriptionRow.id) == col(MatchSubscriptionRow.subscription))
        .where(
            col(MatchSubscriptionRow.match_id).in_([match.id for match in matches]),
            col(SubscriptionRow.confirmed_at).is_not(None),
            col(SubscriptionRow.ended_at).is_(None),
        )
        .order_by(col(SubscriptionRow.requested_at), col(SubscriptionRow.id))
    )
    found: dict[int, list[Voice]] = defaultdict(list)
    for link, row in session.exec(query).all():
        why = tuple(Why.model_validate(reason) for reason in link.reasons)
        confirmed_at = row.confirmed_at or row.requested_at
        # by a clock that was ahead: matching, which saw both clocks, brought the item all the same
        since = FIRST if ahead(confirmed_at, now) else confirmed_at
        found[link.match_id].append(Voice(speaking(row), since, why, link.match_id in archive))
    return found


def speaking(row: SubscriptionRow) -> Speaking:
    """A subscription as a letter names it."""
    moments = row.requested_at, row.confirmed_at
    return Speaking(
        row.id, row.query, Every(row.every), row.language, *moments, options_of(row), row.group_name or ""
    )


def entry_of(told: Told) -> Entry:
    """The story as a letter holds it."""
    row, found, item = told.held.row, told.found, told.found.item
    days = {said.kind: said.day for said in item.verdict.announced}
    return Entry(
        item_id=item.item_id,
        title=item.title,
        url=item.url,
        source=row.source_name or row.source,
        published=item.published or item.first_seen,
        published_on=row.published_on,
        language=item.verdict.language,
        summary=(item.summary or item.text)[:BEGINNING],
        themes=item.verdict.themes,
        organisations=item.verdict.organisations,
        sovereignty=item.verdict.sovereignty,
        franco_german=item.verdict.franco_german,
        why=found.why,
        also=item.sources[1:],
        speaking=tuple(each.id for each in found.speaking),
        others=tuple(Other(each.title, each.url, each.source, each.language) for each in told.besides),
        deadline=days.get(Announcement.CALL),
        spikes=item.spikes,
        takes_place=days.get(Announcement.EVENT),
    )

"""Pure. Mails that carry no stories: they ask or tell one thing, with what it is about and a button for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from services.notifier.layout import QUERY, rhythm
from services.notifier.letters import Letter, Speaking
from services.notifier.shown import Facts, excerpt, unlinked
from shared.dates import long_date
from shared.locales import Texts
from shared.query.told import told_text
from shared.subscriptions.links import CONFIRM_WITHIN, Links


@dataclass(frozen=True, slots=True)
class Card:
    """What one part of a notice is about, the button that it offers, and what there is to know about that."""

    facts: Sequence[Facts]
    do: str
    button: str
    link: str
    small: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A heading, paragraphs, cards, and paragraphs after them."""

    heading: str
    paragraphs: Sequence[str]
    cards: Sequence[Card] = ()
    after: Sequence[str] = ()


def confirmation_subject(letter: Letter, texts: Texts) -> str:
    """Of one wish, or of several."""
    return texts("subject_confirm" if len(letter.subscriptions) == 1 else "subject_confirm_many")


def confirmation(letter: Letter, links: Links, texts: Texts) -> Notice:
    """Asks whether somebody wants what was asked for at their address."""
    count = len(letter.subscriptions)
    after = [texts("confirm_unnamed", count=letter.unnamed)] if letter.unnamed else []
    return Notice(
        heading=confirmation_subject(letter, texts),
        paragraphs=[texts("confirm_why") if count == 1 else texts("confirm_why_many", count=count)],
        cards=[_wish(wish, letter, links, texts) for wish in letter.subscriptions],
        after=[*after, texts("confirm_not_you")],
    )


def _wish(wish: Speaking, letter: Letter, links: Links, texts: Texts) -> Card:
    """What somebody asked for at the reader's address: perhaps a stranger, whose words must lead nowhere."""
    assert wish.requested_at is not None  # it was asked for at some time
    until = (wish.requested_at + CONFIRM_WITHIN).astimezone(ZoneInfo(letter.zone))
    query = excerpt(told_text(wish.query, letter.language, names=letter.publishers, typed=unlinked), QUERY)
    return Card(
        facts=(
            Facts(texts("confirm_query"), query),
            Facts(texts("confirm_every"), rhythm(wish, texts)),
            Facts(texts("confirm_language"), texts(f"language_{wish.language}")),
        ),
        do=texts("confirm_do"),
        button=texts("confirm_link"),
        link=links.confirm(letter.language, wish.id, wish.requested_at),
        small=texts("confirm_until", date=long_date(until.date(), letter.language)),
    )

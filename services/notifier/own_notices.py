"""Pure. The notices of self-service: the way to everything, the way back, another address."""

from typing import Final
from zoneinfo import ZoneInfo

from services.notifier.layout import QUERY
from services.notifier.letters import Letter, Speaking
from services.notifier.notices import Card, Notice
from services.notifier.shown import Facts, excerpt, unlinked
from shared.dates import long_date
from shared.locales import Texts
from shared.query.told import told_text
from shared.subscriptions.links import Links, Purpose
from shared.subscriptions.words import Kind

_PURPOSES: Final = {
    Kind.LINKS: Purpose.OPEN,
    Kind.LEFT: Purpose.UNDO,
    Kind.MOVE: Purpose.MOVE,
    Kind.KEEP: Purpose.KEEP,
    Kind.WEBHOOK: Purpose.OPEN,
}
OWN: Final = frozenset((*_PURPOSES, Kind.MOVED))


def own_texts(kind: Kind) -> frozenset[str]:
    """The texts that the notices of a kind are made of, besides those of all."""
    asks = (f"{kind}_do", f"{kind}_button") if kind in _PURPOSES else ()
    return frozenset((f"subject_{kind}", f"{kind}_text", f"{kind}_after", *asks))


def own_notice(letter: Letter, links: Links, texts: Texts) -> Notice:
    """What it says, what it is about, and the button where there is one."""
    kind = letter.kind
    facts = tuple(_fact(each, letter, texts) for each in letter.subscriptions)
    purpose = _PURPOSES.get(kind)
    if purpose is None:
        return Notice(texts(f"subject_{kind}"), [texts(f"{kind}_text")], after=[texts(f"{kind}_after")])
    until = ""
    if letter.until is not None:
        day = long_date(letter.until.astimezone(ZoneInfo(letter.zone)).date(), letter.language)
        until = texts("own_until", date=day)
    link = links.once(purpose, letter.language, letter.about, letter.until)
    card = Card(facts, texts(f"{kind}_do"), texts(f"{kind}_button"), link, until)
    return Notice(texts(f"subject_{kind}"), [texts(f"{kind}_text")], [card], [texts(f"{kind}_after")])


def _fact(each: Speaking, letter: Letter, texts: Texts) -> Facts:
    query = told_text(each.query, letter.language, names=letter.publishers, typed=unlinked)
    return Facts(texts("confirm_query"), excerpt(query, QUERY))

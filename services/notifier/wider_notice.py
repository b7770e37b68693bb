"""Pure. The notice about weeks without a find: what is searched for, and wider terms with a button for each."""

from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from services.notifier.layout import QUERY, in_words
from services.notifier.letters import Letter, Speaking
from services.notifier.notices import Card, Notice
from services.notifier.shown import Facts, excerpt
from shared.dates import long_date
from shared.locales import Texts
from shared.query.told import told_text
from shared.subscriptions.links import Links, Purpose

COUNTED: Final = 100  # more than that is told as that


def wider_notice(letter: Letter, links: Links, texts: Texts) -> Notice:
    """Each silent subscription: its wider terms, and the way to change, pause or end it."""
    cards = [card for each in letter.subscriptions for card in _cards(each, letter, links, texts)]
    return Notice(texts("subject_wider"), [texts("wider_text")], cards, [texts("wider_after")])


def _cards(each: Speaking, letter: Letter, links: Links, texts: Texts) -> Iterator[Card]:
    query = Facts(texts("wider_query"), in_words(each, letter))
    offers, until = letter.offers.get(each.id, ()), ""
    if letter.until is not None:
        day = letter.until.astimezone(ZoneInfo(letter.zone)).date()
        until = texts("own_until", date=long_date(day, letter.language))
    for offer in offers:
        words = excerpt(told_text(offer.query, letter.language, names=letter.publishers), QUERY)
        facts = (
            query,
            Facts(texts("wider_terms"), words),
            Facts(texts("wider_count"), f"{offer.count}" if offer.count <= COUNTED else f"{COUNTED}+"),
        )
        link = links.once(Purpose.WIDEN, letter.language, offer.link, letter.until)
        yield Card(facts, texts("wider_do"), texts("wider_button"), link, until)
    change = links.preferences(letter.language, each.id)
    nothing = "" if offers else texts("wider_nothing")
    yield Card((query,), texts("wider_change"), texts("wider_change_button"), change, nothing)

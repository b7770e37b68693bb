"""Pure. A letter becomes a mail: the same data as plain text and as HTML, headers that mail providers read.

In the plain part each title stands on a line of its own, and so does each link, whole. The HTML has no remote
content, no script and no tracking, and stays under 80 kB, because Gmail cuts what is longer, the leave link first.
"""

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Final
from zoneinfo import ZoneInfo

from services.notifier.letters import Letter, Speaking
from services.notifier.mime import Mail, encoded_sender, encoded_subject
from services.notifier.shown import excerpt, long_date, shown, unlinked
from services.notifier.templates import Templates
from shared.locales import Texts
from shared.mail_names import bounce_address
from shared.subscriptions.links import CONFIRM_WITHIN, Links, bounce_token
from shared.subscriptions.words import Kind

HTML_LIMIT: Final = 80_000  # bytes
FOOTERS: Final = 20  # subscriptions that the HTML names one by one
QUERY: Final = 200  # characters of a query that a mail repeats
_SIZES: Final = ((40, 160), (40, 60), (20, 40), (10, 20), (5, 0), (1, 0))  # entries in full, entries as a line


def compose(
    letter: Letter, *, sender: str, links: Links, templates: Templates, now: datetime, bounces_to: str = ""
) -> Mail:
    """The mail of a letter. The same letter gives the same mail but for the Date.

    With `bounces_to` (`shared.mail_names.read_bounces`) it comes back to an address that names it.
    """
    texts = templates.texts[letter.language]
    from_, address = encoded_sender(sender)
    text, html = _parts(letter, links, templates, texts)
    return Mail(
        delivery=letter.delivery,
        sender=_envelope(letter.delivery, bounces_to, links) or address,
        recipient=letter.recipient,
        headers=(
            ("From", from_),
            ("To", letter.recipient),
            ("Subject", encoded_subject(_subject(letter, texts))),
            ("Date", format_datetime(now)),
            ("Message-ID", f"<{letter.delivery}@{_domain(address)}>"),
            *_list_headers(letter, links, _domain(address)),
            ("Auto-Submitted", "auto-generated"),
        ),
        text=text,
        html=html,
        language=letter.language,
    )


def _envelope(delivery: str, bounces_to: str, links: Links) -> str:
    return bounce_address(bounces_to, bounce_token(links.keys, delivery)) if bounces_to else ""


def _list_headers(letter: Letter, links: Links, domain: str) -> Sequence[tuple[str, str]]:
    """Those of RFC 2919, 2369 and 8058; none on a confirmation: there is nothing to leave yet."""
    if letter.kind not in (Kind.INSTANT, Kind.DIGEST):
        return ()
    return (
        ("List-Id", f"<{letter.kind}.vigie.{domain}>"),
        ("List-Unsubscribe", f"<{links.leave_mail(letter.language, letter.delivery, letter.person)}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Precedence", "bulk"),
    )


def _parts(letter: Letter, links: Links, templates: Templates, texts: Texts) -> tuple[str, str]:
    if letter.kind is Kind.OPERATOR:
        return letter.note, templates.render("operator.html.j2", letter.language, note=letter.note)
    if letter.kind is Kind.CONFIRM:
        asked = _confirmation(letter, links, texts)
        text = templates.render("confirm.txt.j2", letter.language, **asked)
        return text, templates.render("confirm.html.j2", letter.language, **asked)
    return _items(letter, links, templates, texts)


def _items(letter: Letter, links: Links, templates: Templates, texts: Texts) -> tuple[str, str]:
    entries = [shown(entry, letter, links, texts) for entry in letter.entries]
    values = {
        "intro": _intro(letter, texts),
        "footer": [_footer(s, letter, links, texts) for s in letter.subscriptions],
        "leave_mail": links.leave_mail(letter.language, letter.delivery, letter.person),
        "in_full": FOOTERS,
    }
    text = templates.render("items.txt.j2", letter.language, entries=entries, **values)
    for full, brief in _SIZES:
        listed = {
            "entries": entries[:full],
            "brief": entries[full : full + brief],
            "rest": len(entries) - full - brief,
        }
        html = templates.render("items.html.j2", letter.language, **listed, **values)
        if len(html.encode()) < HTML_LIMIT:
            break
    return text, html


def _subject(letter: Letter, texts: Texts) -> str:
    match letter.kind:
        case Kind.OPERATOR:
            return letter.subject
        case Kind.CONFIRM:
            return texts("subject_confirm")
    count = len(letter.entries)
    if letter.kind is Kind.DIGEST and letter.slot:
        day = long_date(letter.slot, letter.language)
        return texts("subject_digest_one" if count == 1 else "subject_digest", date=day, count=count)
    if count == 1:
        return excerpt(letter.entries[0].title, 180)
    return texts("subject_bundle", count=count)


def _intro(letter: Letter, texts: Texts) -> str:
    if letter.kind is Kind.DIGEST and letter.slot:
        return texts("intro_digest", date=long_date(letter.slot, letter.language))
    return texts("intro_instant" if len(letter.entries) == 1 else "intro_bundle")


def _confirmation(letter: Letter, links: Links, texts: Texts) -> dict[str, object]:
    wishes = [_wish(wish, letter, links, texts) for wish in letter.subscriptions]
    why = texts("confirm_why" if len(wishes) == 1 else "confirm_why_many", count=len(wishes))
    return {"why": why, "wishes": wishes, "unnamed": letter.unnamed}


def _wish(wish: Speaking, letter: Letter, links: Links, texts: Texts) -> dict[str, str]:
    """What somebody asked for at the reader's address: perhaps a stranger, whose words must lead nowhere."""
    assert wish.requested_at is not None  # it was asked for at some time
    until = (wish.requested_at + CONFIRM_WITHIN).astimezone(ZoneInfo(letter.zone))
    query = texts("quoted", text=excerpt(unlinked(wish.query), QUERY)) if wish.query else texts("everything")
    return {
        "query": query,
        "every": texts(f"every_{wish.every}"),
        "language": texts(f"language_{wish.language}"),
        "until": long_date(until.date(), letter.language),
        "link": links.confirm(letter.language, wish.id, wish.requested_at),
    }


def _footer(subscription: Speaking, letter: Letter, links: Links, texts: Texts) -> dict[str, str]:
    return {
        "why": texts("footer_why", query=_query(subscription, texts), every=texts(f"every_{subscription.every}")),
        "leave": links.leave(letter.language, subscription.id),
        "preferences": links.preferences(letter.language, subscription.id),
    }


def _query(subscription: Speaking, texts: Texts) -> str:
    return texts("quoted", text=excerpt(subscription.query, QUERY)) if subscription.query else texts("everything")


def _domain(address: str) -> str:
    return address.rpartition("@")[2] or "localhost"

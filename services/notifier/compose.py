"""Pure. A letter becomes a mail: the same data as plain text and as HTML, headers that mail providers read.

In the plain part each title stands on a line of its own, and so does each link, whole. The HTML has no remote
content, no script and no tracking, and stays under 80 kB, because Gmail cuts what is longer, the leave link first.
"""

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from services.notifier.layout import MOST, Body, laid_out, leave_all, subject
from services.notifier.letters import Letter
from services.notifier.mime import Mail, encoded_sender, encoded_subject
from services.notifier.notices import confirmation, confirmation_subject
from services.notifier.own_notices import OWN, own_notice
from services.notifier.templates import Templates
from services.notifier.wider_notice import wider_notice
from shared.locales import Texts
from shared.mail_names import bounce_address
from shared.subscriptions.links import Links, bounce_token
from shared.subscriptions.words import OF_STORIES, Kind

HTML_LIMIT: Final = 80_000  # bytes
FOOTERS: Final = 20  # subscriptions that the HTML names one by one
_SIZES: Final = ((MOST, MOST), (20, MOST), (10, MOST), (5, MOST), (1, MOST), (1, 20))  # in full, at all


def compose(
    letter: Letter,
    *,
    sender: str,
    links: Links,
    templates: Templates,
    now: datetime,
    bounces_to: str = "",
    reply_to: str = "",
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
            ("Reply-To", encoded_sender(reply_to or sender)[0]),
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
    if letter.kind not in (*OF_STORIES, Kind.WIDER):
        return ()
    leave = leave_all(letter, links)
    return (
        ("List-Id", f"<{letter.kind}.vigie.{domain}>"),
        ("List-Unsubscribe", f"<{leave}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Precedence", "bulk"),
    )


def _parts(letter: Letter, links: Links, templates: Templates, texts: Texts) -> tuple[str, str]:
    match letter.kind:
        case Kind.OPERATOR:
            said = {"subject": letter.subject, "note": letter.note}
            return letter.note, templates.render("operator.html.j2", letter.language, **said)
        case Kind.CONFIRM:
            return _both("notice", letter, templates, notice=confirmation(letter, links, texts))
        case Kind.WIDER:
            return _both("notice", letter, templates, notice=wider_notice(letter, links, texts))
    if letter.kind in OWN:
        return _both("notice", letter, templates, notice=own_notice(letter, links, texts))
    return _stories(laid_out(letter, links, texts), letter, templates)


def _stories(body: Body, letter: Letter, templates: Templates) -> tuple[str, str]:
    """Both parts name the same stories; where the HTML grows too long, fewer of them are told in full."""
    text = html = ""
    for full, most in _SIZES:
        text, html = _both("stories", letter, templates, mail=body.shorter(full, most), in_full=FOOTERS)
        if len(html.encode()) < HTML_LIMIT:
            break
    return text, html


def _both(name: str, letter: Letter, templates: Templates, **values: object) -> tuple[str, str]:
    text = templates.render(f"{name}.txt.j2", letter.language, **values)
    return text, templates.render(f"{name}.html.j2", letter.language, **values)


def _subject(letter: Letter, texts: Texts) -> str:
    if letter.kind is Kind.OPERATOR:
        return letter.subject
    if letter.kind in OWN or letter.kind is Kind.WIDER:
        return texts(f"subject_{letter.kind}")
    return confirmation_subject(letter, texts) if letter.kind is Kind.CONFIRM else subject(letter, texts)


def _domain(address: str) -> str:
    return address.rpartition("@")[2] or "localhost"

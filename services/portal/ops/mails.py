"""The mails of the file sink: what would have been sent while no relay is set. Read-only."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

from fastapi import Response
from fastapi.responses import HTMLResponse

from services.portal.ops.access import OpsPage
from services.portal.site import PRIVATE, Page
from shared.errors import NotFound

MOST: Final = 200
NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")
# The mail's own styles and nothing else; `sandbox` takes away scripts, forms and origin; links leave the frame.
FRAME_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; "
    "form-action 'none'; sandbox allow-top-navigation-by-user-activation"
)
WITH_FRAME: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as its reader would see it. `html` is None for a mail of plain text."""

    id: str
    to: str
    subject: str
    sent_at: datetime
    text: str
    html: str | None
    headers: tuple[tuple[str, str], ...]


def show_all(page: OpsPage) -> Response:
    """The newest mails."""
    files = sorted(_folder(page).glob("*.eml"), key=lambda file: -file.stat().st_mtime)[:MOST]
    return page.render("mails.html", headers=PRIVATE, mails=[read_mail(file) for file in files], most=MOST)


def show_one(page: OpsPage, mail_id: str) -> Response:
    """One mail: its headers, its text, and its HTML in a frame that may do nothing."""
    headers = {**PRIVATE, "Content-Security-Policy": WITH_FRAME}
    return page.render("mail.html", headers=headers, mail=_mail(page, mail_id))


def show_html(page: OpsPage, mail_id: str) -> Response:
    """The HTML part alone, as a document without any rights."""
    html = _mail(page, mail_id).html
    if html is None:
        raise NotFound(f"mail {mail_id!r} has no HTML part")
    headers = {**PRIVATE, "Content-Security-Policy": FRAME_POLICY}
    return HTMLResponse(leaving_the_frame(html), headers=headers)


def read_mail(file: Path) -> Mail:
    """The mail in an .eml file."""
    message = message_from_bytes(file.read_bytes(), policy=default)
    return Mail(
        id=file.stem,
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        sent_at=_written_at(message, file),
        text=_part(message, "plain") or "",
        html=_part(message, "html"),
        headers=tuple((name, str(value)) for name, value in message.items()),
    )


def _written_at(message: EmailMessage, file: Path) -> datetime:
    """What the mail says; a file that says nothing is as old as the file is."""
    try:
        return parsedate_to_datetime(str(message["Date"])).astimezone(UTC)
    except ValueError:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)


def leaving_the_frame(html: str) -> str:
    """`html` whose links open in the window around the frame."""
    return re.sub(r"(<head[^>]*>)", r'\1<base target="_top">', html, count=1, flags=re.IGNORECASE)


def _folder(page: Page) -> Path:
    if not page.site.shows_mails:
        raise NotFound("mails go to a relay; there are no files")
    return page.site.settings.mail_dir


def _mail(page: Page, mail_id: str) -> Mail:
    file = _folder(page) / f"{mail_id}.eml"
    if not NAME.fullmatch(mail_id) or not file.is_file():
        raise NotFound(f"no mail {mail_id!r}")
    return read_mail(file)


def _part(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else None

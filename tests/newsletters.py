"""Builders of newsletters as bodies send them, for the tests."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

READER: Final = "presse-eingang@example.org"
SENT: Final = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LEAVE: Final = "https://news.example.net/leave/aB3xK9qLm27Zt4Vw"

TITLES: Final = (
    "Offene Datenplattform für die Landwirtschaft",
    "KI erkennt Schäden an Brücken, bevor sie gefährlich werden",
    "Deutsch-französisches Labor für vertrauenswürdige KI eröffnet",
)
TEASERS: Final = (
    "Landwirte und Hersteller tauschen Daten über eine offene Plattform, ohne sie aus der Hand zu geben.",
    "Sensoren und ein lernendes Verfahren melden Risse Wochen früher als die regelmäßige Prüfung vor Ort.",
    "Das Forschungszentrum und Inria forschen gemeinsam an Verfahren, deren Entscheidungen sich prüfen lassen.",
)
SLUGS: Final = ("offene-datenplattform", "ki-erkennt-schaeden", "labor-fuer-vertrauenswuerdige-ki")


def a_mail(
    html: str = "",
    text: str = "",
    *,
    subject: str = "Newsletter März 2026",
    sender: str = "DFKI Newsletter <newsletter@dfki.de>",
    to: str = f"Presse Eingang <{READER}>",
    id_: str | None = "1.2026@dfki.de",
    sent: datetime | None = SENT,
    more: Mapping[str, str] | None = None,
) -> bytes:
    """A mail with the bodies that are given."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    if sent is not None:
        mail["Date"] = format_datetime(sent)
    if id_ is not None:
        mail["Message-ID"] = f"<{id_}>"
    for name, value in (more or {}).items():
        mail[name] = value
    if text or not html:
        mail.set_content(text, cte="quoted-printable")
        if html:
            mail.add_alternative(html, subtype="html", cte="quoted-printable")
    else:
        mail.set_content(html, subtype="html", cte="quoted-printable")
    return mail.as_bytes()


def the_dfki_newsletter(
    id_: str = "1.2026@dfki.de", titles: tuple[str, ...] = TITLES, sent: datetime = SENT
) -> bytes:
    """Nested tables, a hidden line, a picture, a title and "Weiterlesen" for each item, and a footer."""
    cards = "".join(
        f"""<table width="100%"><tr><td width="180"><a href="{_page(slug)}"><img src="{slug}.jpg" alt=""></a></td>
        <td><h2 style="font-size:18px">{title}</h2><p style="font-size:14px">{teaser}</p>
        <p><a href="{_page(slug)}">Weiterlesen</a></p></td></tr></table>"""
        for title, teaser, slug in zip(titles, TEASERS, SLUGS, strict=False)
    )
    html = f"""<!DOCTYPE html><html lang="de"><head><title>Newsletter</title><style>td {{ color: #333 }}</style>
    </head><body><div style="display:none;max-height:0">Neues aus der Forschung, und mehr</div>
    <p><a href="https://www.dfki.de/newsletter/webversion?id=17">Im Browser ansehen</a></p>
    <table><tr><td><a href="https://www.dfki.de/"><img src="logo.png" alt="DFKI"></a></td></tr>
    <tr><td><h1>DFKI Newsletter</h1><p>Sehr geehrte Leserinnen und Leser,</p><p>das bringt der März.</p>{cards}
    </td></tr><tr><td>
    <p style="font-size:11px">Sie erhalten diesen Newsletter, weil Sie sich mit {READER} angemeldet haben.<br>
    <a href="{LEAVE}">Newsletter abbestellen</a> | <a href="https://www.dfki.de/web/impressum">Impressum</a> |
    <a href="https://www.linkedin.com/company/dfki">LinkedIn</a></p>
    <img src="https://news.example.net/open/aB3xK9qLm27Zt4Vw.gif" width="1" height="1">
    </td></tr></table></body></html>"""
    return a_mail(html, id_=id_, sent=sent, more={"List-Unsubscribe": f"<{LEAVE}>"})


def _page(slug: str) -> str:
    return f"https://www.dfki.de/web/news/{slug}?utm_source=nl&amp;utm_medium=email"


def base64_of(url: str) -> str:
    """As Mailjet writes a target into its links."""
    return b64encode(url.encode()).decode().rstrip("=")

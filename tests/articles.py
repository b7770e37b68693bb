"""Pages and PDFs of articles, made for a test."""

import io
import textwrap
from collections.abc import Sequence
from html import escape

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas

TITLE = "Institut übergibt Energiespeicher an das Stadtquartier"
SENTENCES = (
    "Das Institut hat dem Stadtquartier am Freitag einen Energiespeicher übergeben, der Strom vom Dach sammelt.",
    "Gebaut wurde er mit drei Betrieben aus der Region, gefördert vom Land und von der Europäischen Union.",
    "Am Abend gibt er ab, was am Mittag niemand brauchte, und entlastet so das Netz der Stadtwerke.",
    "Ein lernendes Verfahren sagt den Verbrauch der Haushalte für die nächsten sechs Stunden voraus.",
    "Die Quecksilberwaage, mit der die Zellen geprüft wurden, steht nun im Museum der Hochschule.",
)
CONTACT = ("Pressekontakt:", "Erika Beispiel", "Tel.: +49 681 000-1234", "E-Mail: erika@example.org")


def article(paragraphs: Sequence[str] = SENTENCES, *, title: str = TITLE, head: str = "", more: str = "") -> str:
    """A page with navigation, the article, what is below it, and a footer."""
    text = "".join(f"<p>{escape(one)}</p>" for one in paragraphs)
    menu = "".join(f'<li><a href="/{name}/">{name}</a></li>' for name in ("Forschung", "Lehre", "Karriere"))
    return (
        '<!doctype html><html lang="de"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title>{head}</head><body><header><nav><ul>{menu}</ul></nav></header>"
        f"<main><article><h1>{escape(title)}</h1>{text}{more}</article></main>"
        '<footer><a href="/impressum/">Impressum</a></footer></body></html>'
    )


def pdf(
    paragraphs: Sequence[str] = SENTENCES,
    *,
    title: str = TITLE,
    pages: int = 1,
    password: str = "",
    subject: str = "",
) -> bytes:
    """A release as a PDF, the same on every page, each with a head line and its number."""
    out = io.BytesIO()
    drawn = canvas.Canvas(out, pagesize=A4, encrypt=password or None)
    if subject:
        drawn.setSubject(subject)
    for number in range(1, pages + 1):
        lines = ["Institut Beispiel – Pressemitteilung", title]
        lines += [line for one in paragraphs for line in (*textwrap.wrap(one, 70), "")]
        for at, line in enumerate([*lines, f"Seite {number}"]):
            drawn.drawString(60, 780 - 16 * at, line)
        drawn.showPage()
    drawn.save()
    return out.getvalue()


def scan() -> bytes:
    """A PDF of a picture: no text."""
    out = io.BytesIO()
    drawn = canvas.Canvas(out, pagesize=A4)
    drawn.rect(60, 60, 400, 600, fill=1)
    drawn.save()
    return out.getvalue()

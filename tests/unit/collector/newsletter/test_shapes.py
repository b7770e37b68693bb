"""Templates as dispatchers and programs make them: each gives the same three items."""

from collections.abc import Mapping
from typing import Final

import pytest

from services.collector.newsletter.mail import read_mail
from services.collector.newsletter.read import read_newsletter
from tests.newsletters import SLUGS, TEASERS, TITLES, a_mail

PAGES: Final = tuple(f"https://www.dfki.de/web/news/{slug}" for slug in SLUGS)
ITEMS: Final = tuple(zip(TITLES, TEASERS, PAGES, strict=True))


def each(form: str) -> str:
    return "".join(form.format(title=title, teaser=teaser, page=page) for title, teaser, page in ITEMS)


SHAPES: Final[Mapping[str, str]] = {
    "boxes with pictures and buttons": '<p style="display:none">Vorschau</p>'
    '<table><tr><td style="font-size:16px"><h1>Newsletter</h1>Liebe Leserinnen,<br>viel Neues.</td></tr></table>'
    + each(
        '<table><tr><td><a href="{page}"><img alt="Bild" src="x.png"></a></td></tr></table><table><tr>'
        '<td style="font-size:16px"><h3 style="font-size:20px"><span>{title}</span></h3>{teaser}</td></tr></table>'
        '<table><tr><td><a href="{page}">Mehr erfahren</a></td></tr></table>'
    )
    + '<table><tr><td style="font-size:12px"><em>Copyright © 2026</em><br><strong>Unsere Anschrift ist:</strong>'
    "<br>Hier wohnen wir</td></tr></table>",
    "cells with kickers above, dates below": '<table><tr><td style="font-size:28px">KI-Nachrichten</td></tr>'
    + each(
        '<tr><td style="font-size:11px">Forschung</td></tr><tr><td style="font-size:20px"><b>{title}</b></td></tr>'
        '<tr><td style="font-size:14px">{teaser}</td></tr><tr><td style="font-size:14px">'
        '<a href="{page}">› weiterlesen</a></td></tr>'
    )
    + '<tr><td style="font-size:20px"><b>Termine</b></td></tr><tr><td style="font-size:14px"><b>12. März:</b>'
    ' <a href="https://www.dfki.de/web/termine/ki-forum-berlin">KI-Forum</a></td></tr></table>',
    "two columns": "<table><tr>"
    + each(
        '<td width="33%"><a href="{page}"><img src="x.png"></a><p style="font-weight:bold">'
        '<a href="{page}">{title}</a></p><p>{teaser}</p></td>'
    )
    + "</tr></table>",
    "a word processor's": each(
        '<p class=MsoNormal><b><span style="font-size:12.0pt">{title}<o:p></o:p></span></b></p><p class=MsoNormal>'
        '<span style="font-size:10.0pt">{teaser} <a href="{page}">Weitere Informationen</a><o:p></o:p></span></p>'
        "<p class=MsoNormal><o:p>&nbsp;</o:p></p>"
    ),
    "cards that are links": each(
        '<a href="{page}"><div><img src="x.png"><div style="font-size:18px;font-weight:700">{title}</div>'
        "<div>{teaser}</div></div></a>"
    ),
    "a button that is a picture": each(
        '<h3>{title}</h3><p>{teaser}</p><a href="{page}"><img src="b.png" alt="Weiterlesen"></a>'
    ),
    "a picture that is the only link": each(
        '<a href="{page}"><img src="b.png" alt=""></a><h3>{title}</h3><p>{teaser}</p>'
    ),
    "nothing marks the title": "<table><tr>"
    + each('<td style="font-size:14px">{title}<br>{teaser}<br><a href="{page}">mehr lesen</a></td>')
    + "</tr></table>",
    "a link in bold and another in the text": "<p>Dear reader,</p><p>here is our digest. Enjoy!</p>"
    + each('<p><a href="{page}"><strong>{title}</strong></a></p><p>{teaser} <a href="{page}">Read more</a></p>')
    + "<p>Best regards,<br>The Team</p>",
    "links to partners in the text": each(
        '<h2>{title}</h2><p>{teaser}</p><p>Partner sind <a href="https://www.inria.fr/fr/equipe">Inria</a> und '
        '<a href="https://www.bmftr.bund.de/ki">das Ministerium</a>.</p>'
        '<p><a href="{page}">Zur Pressemitteilung</a></p>'
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_items_of_a_template(shape: str) -> None:
    found = read_newsletter(read_mail(a_mail(f"<html><body>{SHAPES[shape]}</body></html>"))).entries
    assert [entry.title for entry in found] == list(TITLES)
    assert [entry.url for entry in found] == list(PAGES)
    for entry, teaser in zip(found, TEASERS, strict=True):
        assert entry.summary.startswith(teaser)
        assert not entry.summary.endswith(("Weitere Informationen", "Read more", "Forschung"))


def test_a_digest_in_plain_text_with_titles_that_are_underlined() -> None:
    items = "\n".join(
        f"{title}\n{'-' * len(title)}\n{teaser}\n\nVolltext: https://idw-online.de/de/news80667{number}\n"
        for number, (title, teaser, _) in enumerate(ITEMS)
    )
    text = f"Sehr geehrte Abonnentin, sehr geehrter Abonnent,\n\nheute sind drei Meldungen erschienen:\n\n{items}"
    found = read_newsletter(read_mail(a_mail(text=text))).entries
    assert [(entry.title, entry.summary) for entry in found] == [(title, teaser) for title, teaser, _ in ITEMS]
    assert found[0].url == "https://idw-online.de/de/news806670"


def test_bullets_tell_titles_from_what_stands_above_them() -> None:
    items = "".join(f"* {title}\n{teaser}\nLire la suite : {page}\n\n" for title, teaser, page in ITEMS)
    found = read_newsletter(read_mail(a_mail(text=f"Bonjour,\n\nVoici nos actualités.\n\n{items}"))).entries
    assert [(entry.title, entry.summary, entry.url) for entry in found] == list(ITEMS)


def test_addresses_that_html_hides_are_taken_from_the_plain_text() -> None:
    html = "".join(
        f"<h2>{title}</h2><p>{teaser}</p>"
        f'<a href="https://u1.dispatcher.example/ls/click?upn=aB3xK9qLm27Zt4V{number}">mehr</a>'
        for number, (title, teaser, _) in enumerate(ITEMS)
    )
    text = "\n\n".join(f"{title}\n{teaser}\n{page}" for title, teaser, page in ITEMS)
    found = read_newsletter(read_mail(a_mail(f"<html><body>{html}</body></html>", text=text))).entries
    assert [entry.url for entry in found] == list(PAGES)


def test_a_press_release_is_one_item_below_its_headline_and_links_to_itself() -> None:
    body = (
        f"<p><b>PRESSEMITTEILUNG</b></p><p><b>{TITLES[0]}</b></p><p>{TEASERS[0]} {TEASERS[1]} Partner ist "
        f'<a href="https://www.inria.fr/fr/equipe">Inria</a>.</p><p>{TEASERS[2]}</p><p>Weitere Informationen: '
        f'<a href="{PAGES[0]}">{PAGES[0]}</a></p>'
    )
    (entry,) = read_newsletter(read_mail(a_mail(f"<html><body>{body}</body></html>", subject="Presse"))).entries
    assert (entry.title, entry.url) == (TITLES[0], PAGES[0])
    assert entry.summary.startswith(TEASERS[0])
    assert TEASERS[2] in entry.summary


def test_a_link_that_is_a_number_of_the_mail_is_no_address() -> None:
    html = "".join(
        f"<h2>{title}</h2><p>{teaser}</p>"
        f'<a href="https://www.dfki.de/index.php?id=33&amp;rid=t_5&amp;aC=1f2e3d4c&amp;jumpurl={number}">mehr</a>'
        for number, (title, teaser, _) in enumerate(ITEMS)
    )
    found = read_newsletter(read_mail(a_mail(f"<html><body>{html}</body></html>"))).entries
    assert [(entry.title, entry.url) for entry in found] == [(title, None) for title in TITLES]

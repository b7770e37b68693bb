"""A mail to its entries: the shapes that newsletters come in, and what of them is nobody's news."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Final

import pytest

from services.collector.entries import ParsedEntry
from services.collector.newsletter.mail import read_mail
from services.collector.newsletter.read import read_newsletter
from tests.newsletters import READER, SENT, SLUGS, TEASERS, TITLES, a_mail, base64_of, the_dfki_newsletter

SITE: Final = "https://www.dfki.de/web/news"
PAGES: Final = tuple(f"{SITE}/{slug}" for slug in SLUGS)


def entries(raw: bytes, *own: str) -> tuple[ParsedEntry, ...]:
    return read_newsletter(read_mail(raw), own).entries


def titles(raw: bytes) -> list[str]:
    return [entry.title for entry in entries(raw)]


def urls(raw: bytes) -> list[str | None]:
    return [entry.url for entry in entries(raw)]


def test_nested_tables_give_title_teaser_and_clean_link_of_each_item() -> None:
    found = entries(the_dfki_newsletter())
    assert [entry.title for entry in found] == list(TITLES)
    assert [entry.summary for entry in found] == list(TEASERS)
    assert [entry.url for entry in found] == list(PAGES)
    assert {entry.published for entry in found} == {SENT}
    assert {entry.language for entry in found} == {"de"}


FLAT: Final = "".join(
    f'<h3>{title}</h3><p>{teaser} Mehr dazu beim <a href="https://www.bmftr.bund.de/ki">Ministerium</a>.<br>'
    f'<a href="{page}">Zum Artikel</a></p>'
    for title, teaser, page in zip(TITLES, TEASERS, PAGES, strict=True)
)
BOLD: Final = "".join(
    f'<p><strong>{title}</strong><br>{teaser}<br><a href="{page}">mehr</a></p>'
    for title, teaser, page in zip(TITLES, TEASERS, PAGES, strict=True)
)
BIG: Final = "".join(
    f'<tr><td style="font-size:22px">{title}</td></tr><tr><td style="font-size:14px">{teaser}</td></tr>'
    f'<tr><td><a href="{page}" style="background:#036;color:#fff">Jetzt lesen</a></td></tr>'
    for title, teaser, page in zip(TITLES, TEASERS, PAGES, strict=True)
)
LINKS: Final = "".join(
    f'<p><a href="{page}">{title}</a><br>{teaser}</p>'
    for title, teaser, page in zip(TITLES, TEASERS, PAGES, strict=True)
)
LIST: Final = "".join(f'<li><a href="{page}">{title}</a></li>' for title, page in zip(TITLES, PAGES, strict=True))


@pytest.mark.parametrize(
    ("shape", "teasers"),
    [
        (f"<h1>Newsletter</h1><h2>Aus der Forschung</h2>{FLAT}", True),
        (f"<p>Liebe Leserinnen und Leser,</p><p>willkommen.</p>{BOLD}", True),
        (f"<table>{BIG}</table>", True),
        (f"<p>Die Meldungen der Woche:</p>{LINKS}", True),
        (f"<p>Die Meldungen der Woche:</p><ul>{LIST}</ul>", False),
    ],
    ids=["headings", "bold lines", "big cells", "links above text", "a list"],
)
def test_items_are_found_however_they_are_marked(shape: str, teasers: bool) -> None:
    found = entries(a_mail(f'<html lang="de"><body>{shape}</body></html>'))
    assert [entry.title for entry in found] == list(TITLES)
    assert [entry.url for entry in found] == list(PAGES)
    if teasers:
        assert all(teaser in entry.summary for teaser, entry in zip(TEASERS, found, strict=True))


def test_a_table_of_contents_doubles_nothing() -> None:
    contents = "".join(f'<li><a href="{page}">{title}</a></li>' for title, page in zip(TITLES, PAGES, strict=True))
    anchors = "".join(f'<li><a href="#a{n}">{title}</a></li>' for n, title in enumerate(TITLES))
    found = entries(a_mail(f"<html><body><ul>{anchors}</ul><ul>{contents}</ul>{FLAT}</body></html>"))
    assert [entry.url for entry in found] == list(PAGES)
    assert all(entry.summary for entry in found)


def test_one_item_alone_is_taken_with_its_link() -> None:
    (entry,) = entries(
        a_mail(f'<html><body><h2>{TITLES[0]}</h2><p>{TEASERS[0]}</p><a href="{PAGES[0]}">mehr</a></body></html>')
    )
    assert (entry.title, entry.url) == (TITLES[0], PAGES[0])
    assert TEASERS[0] in entry.summary


def test_a_mail_without_links_is_one_item_with_its_text() -> None:
    (entry,) = entries(a_mail(text=f"Guten Tag,\n\n{TEASERS[0]}\n\n{TEASERS[1]}\n", subject=TITLES[0]))
    assert (entry.title, entry.url) == (TITLES[0], None)
    assert entry.summary == f"{TEASERS[0]}\n{TEASERS[1]}"
    assert str(entry.guid).endswith("#text")
    assert "1.2026" not in str(entry.guid)  # a dispatcher may have written the reader into it


def test_a_long_text_has_a_short_summary_and_is_kept_whole() -> None:
    text = "\n".join(f"Absatz {number}: {TEASERS[number % 3]}" for number in range(40))
    (entry,) = entries(a_mail(text=text, subject=TITLES[0]))
    assert len(entry.summary) < 700
    assert entry.text == text


@pytest.mark.parametrize("rule", ["", "-" * 60, "* * * * * * *"])
def test_plain_text_ends_an_item_with_its_address(rule: str) -> None:
    blocks = f"\n{rule}\n".join(
        f"{number}. {title}\n\n{teaser}\n\nMehr: {page}?utm_source=nl\n"
        for number, (title, teaser, page) in enumerate(zip(TITLES, TEASERS, PAGES, strict=True), 1)
    )
    text = f"Sehr geehrte Damen und Herren,\n\n{blocks}\n\nAbmelden: https://www.dfki.de/nl/abmelden?m=17\n"
    found = entries(a_mail(text=text))
    assert [entry.title for entry in found] == list(TITLES)
    assert [entry.url for entry in found] == list(PAGES)
    assert [entry.summary for entry in found] == list(TEASERS)


def test_plain_text_with_numbered_addresses_at_its_end() -> None:
    body = "\n\n".join(
        f"{title} [{n}]\n{teaser}" for n, (title, teaser) in enumerate(zip(TITLES, TEASERS, strict=True), 1)
    )
    notes = "\n".join(f"[{n}] {page}" for n, page in enumerate(PAGES, 1))
    assert urls(a_mail(text=f"{body}\n\n{notes}\n")) == list(PAGES)


def test_html_counts_where_both_are_there() -> None:
    mail = a_mail(f"<html><body>{FLAT}</body></html>", text="Ihr Programm zeigt kein HTML.")
    assert titles(mail) == list(TITLES)


FRENCH: Final = (
    ("L’Inria et l’Allemagne ouvrent un laboratoire commun", "https://www.inria.fr/fr/laboratoire-commun"),
    (
        "Un supercalculateur européen pour l’intelligence artificielle",
        "https://www.inria.fr/fr/supercalculateur-europeen",
    ),
)
ENGLISH: Final = (
    ("New model reads German and French alike", "https://www.example.org/news/new-model-reads"),
    ("Privacy-preserving learning in hospitals", "https://www.example.org/news/privacy-preserving-learning"),
)


@pytest.mark.parametrize(
    ("items", "more", "footer"),
    [
        (
            FRENCH,
            "Lire la suite",
            "Vous recevez cette lettre car vous êtes inscrit. <a href='https://e.example/x'>Se désinscrire</a>",
        ),
        (
            ENGLISH,
            "Read more",
            "You are receiving this because you subscribed. <a href='https://e.example/x'>Unsubscribe</a>",
        ),
    ],
)
def test_french_and_english_newsletters(items: tuple[tuple[str, str], ...], more: str, footer: str) -> None:
    cards = "".join(f"<h2>{title}</h2><p>{TEASERS[0]}</p><a href='{url}'>{more}</a>" for title, url in items)
    found = entries(a_mail(f"<html><body>{cards}<p>{footer}</p></body></html>"))
    assert [(entry.title, entry.url) for entry in found] == list(items)
    assert [entry.summary for entry in found] == [TEASERS[0]] * 2


@pytest.mark.parametrize(
    "title",
    [
        "Privacy Guardrail für KI-Prompts direkt im Browser",
        "Studie bestätigt die Wirksamkeit des Verfahrens",
        "Datenschutz beim Training großer Modelle",
        "Opt-out-Register für das Training von Modellen",
        "Anmeldung zum Summer of AI noch bis Freitag möglich",
    ],
)
def test_news_about_such_things_is_news(title: str) -> None:
    other = f'<h2>{TITLES[0]}</h2><p>{TEASERS[0]}</p><a href="{PAGES[0]}">mehr</a>'
    mail = a_mail(
        f'<html><body>{other}<h2>{title}</h2><p>{TEASERS[1]}</p><a href="{PAGES[1]}">mehr</a></body></html>'
    )
    assert title in titles(mail)


# ---- links


def linked(*hrefs: str) -> list[str | None]:
    cards = "".join(
        f'<h2>{title}</h2><p>{teaser}</p><a href="{href}">Weiterlesen</a>'
        for title, teaser, href in zip(TITLES, TEASERS, hrefs, strict=False)
    )
    found = entries(a_mail(f"<html><body>{cards}</body></html>"))
    assert [entry.title for entry in found] == list(TITLES[: len(hrefs)])
    return [entry.url for entry in found]


HIDDEN: Final = (
    "https://dfki.us3.list-manage.com/track/click?u=0a1b2c3d4e5f&amp;id=9f8e7d6c5b&amp;e=1a2b3c4d5e",
    "https://u123.ct.sendgrid.net/ls/click?upn=u001.aB3xK9qLm27Zt4VwaB3xK9qLm27Zt4Vw",
    "https://click.dispatcher.example/f/a/Zt4VwaB3xK9qLm27",
    "https://news.example.net/c/8123/77123/aB3xK9qLm27Zt4VwQ8/1",
    "https://bit.ly/3abcDEF",
    "https://t.dispatcher.example/f47ac10b-58cc-4372-a567-0e02b2c3d479",
)


@pytest.mark.parametrize("href", HIDDEN)
def test_an_item_whose_link_does_not_show_where_it_leads_has_no_address(href: str) -> None:
    assert linked(PAGES[0], href) == [PAGES[0], None]


def test_three_links_of_a_stranger_without_a_word_in_them_follow_people() -> None:
    assert linked(*(f"https://nl.dispatcher.example/c/17/4{n}/99" for n in range(3))) == [None, None, None]


def test_numbers_on_the_publisher_s_own_site_are_addresses() -> None:
    own = [f"https://www.dfki.de/index.php?id={number}" for number in (17, 18, 19)]
    assert linked(*own) == own


@pytest.mark.parametrize(
    "href",
    [
        "https://click.dispatcher.example/r?m=17&amp;url=https%3A%2F%2Fwww.dfki.de%2Fweb%2Fnews%2Fki-erkennt-schaeden%3Futm_source%3Dnl",
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.dfki.de%2Fweb%2Fnews%2Fki-erkennt-schaeden&amp;data=05%7C01",
        f"https://x1.mjt.lnk/lnk/AAAA/1/aB3xK9qLm27Zt4Vw/{base64_of(PAGES[1])}",
        "https://urldefense.com/v3/__https://www.dfki.de/web/news/ki-erkennt-schaeden__;!!aB3xK9qLm27Zt4Vw",
        "https://www.dfki.de/index.php?id=1&amp;rid=t_55&amp;mid=9&amp;aC=1f2e3d4c&amp;jumpurl=https%3A%2F%2Fwww.dfki.de%2Fweb%2Fnews%2Fki-erkennt-schaeden",
    ],
    ids=["a parameter", "safelinks", "base64", "urldefense", "TYPO3"],
)
def test_a_target_that_a_redirector_names_is_taken(href: str) -> None:
    assert linked(PAGES[0], href) == [PAGES[0], PAGES[1]]


def test_what_names_the_recipient_goes_from_the_address() -> None:
    coded = READER.replace("@", "%40")
    assert linked(
        f"{PAGES[0]}?email={coded}",
        f"{PAGES[1]}?nl=17&amp;who={coded}",
        f"{PAGES[2]}?mc_eid=0a1b2c&amp;cHash=0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    ) == [PAGES[0], PAGES[1], f"{PAGES[2]}?cHash=0a1b2c3d4e5f60718293a4b5c6d7e8f9"]


def test_what_all_links_share_tells_which_mail_it_was() -> None:
    assert linked(*(f"{page}?von=maerz17" for page in PAGES)) == list(PAGES)
    assert linked(*(f"{page}?lang=de" for page in PAGES)) == [f"{page}?lang=de" for page in PAGES]


def test_leaving_confirming_and_the_like_are_no_entries() -> None:
    footer = "".join(
        f'<h2><a href="{href}">{words}</a></h2>'
        for href, words in (
            ("https://www.dfki.de/nl/unsubscribe/17", "Ich möchte das nicht mehr lesen"),
            ("https://www.dfki.de/x/17", "Newsletter abbestellen"),
            ("https://www.dfki.de/confirm?code=17", "Anmeldung bestätigen"),
            ("https://www.dfki.de/y/17", "Profil ändern"),
            ("https://www.dfki.de/z/17", "Diese Ausgabe im Browser ansehen"),
            ("https://www.facebook.com/dfki", "Folgen Sie uns auf Facebook"),
            ("https://www.dfki.de/termine.ics", "Termin in den Kalender eintragen"),
            ("https://www.dfki.de/", "Zur Startseite des Zentrums"),
        )
    )
    assert titles(a_mail(f"<html><body>{FLAT}{footer}</body></html>")) == list(TITLES)


def test_the_address_for_leaving_is_known_from_the_header_whatever_it_is_called() -> None:
    leave = "https://www.dfki.de/n/17/vorbei"
    mail = a_mail(
        f'<html><body>{FLAT}<h2><a href="{leave}">Das war es für heute</a></h2></body></html>',
        more={"List-Unsubscribe": f"<mailto:x@dfki.de>, <{leave}>"},
    )
    assert titles(mail) == list(TITLES)


# ---- people


def test_greeting_and_footer_of_a_reader_are_cut() -> None:
    text = (
        "Sehr geehrte Frau Dr. Eingang,\n\n" + TEASERS[0] + "\n\nMit freundlichen Grüßen\n\n"
        f"Sie erhalten diesen Newsletter, weil Sie sich mit {READER} angemeldet haben.\nDFKI GmbH\n"
    )
    (entry,) = entries(a_mail(text=text, subject=TITLES[0]))
    assert "Eingang" not in entry.summary
    assert READER not in entry.summary
    assert entry.summary.startswith(TEASERS[0])
    assert "DFKI GmbH" not in entry.summary


def test_a_line_that_names_the_reader_is_cut() -> None:
    (entry,) = entries(a_mail(text=f"{TEASERS[0]}\nDieses Schreiben ging an Presse Eingang.\n", subject=TITLES[0]))
    assert entry.summary == TEASERS[0]


def test_a_list_that_writes_to_itself_is_no_reader() -> None:
    mail = a_mail(text="Das DFKI Labor in Bremen wächst.", to="DFKI Labor <liste@dfki.de>", subject=TITLES[0])
    assert entries(mail)[0].summary == "Das DFKI Labor in Bremen wächst."


def test_a_forwarded_newsletter_is_read_without_who_forwarded_it() -> None:
    text = (
        "Zur Kenntnis, das könnte Euch interessieren.\n\n---------- Forwarded message ---------\n"
        "Von: DFKI <newsletter@dfki.de>\nDatum: Mo., 2. März 2026\nBetreff: Newsletter\n"
        "An: <kollegin@example.org>\n\n"
        + "\n\n".join(f"{t}\n{s}\n{u}" for t, s, u in zip(TITLES, TEASERS, PAGES, strict=True))
    )
    found = entries(a_mail(text=text, subject="Fwd: WG: Newsletter"))
    assert [entry.title for entry in found] == list(TITLES)
    assert not any("kollegin" in entry.summary for entry in found)


def test_a_newsletter_that_is_attached_whole_is_read_in_place_of_the_note() -> None:
    outer = EmailMessage()
    outer["From"], outer["To"], outer["Subject"] = "kollege@dfki.de", READER, "Fwd: Newsletter"
    outer["Message-ID"], outer["Date"] = "<outer@dfki.de>", "Tue, 03 Mar 2026 08:00:00 +0000"
    outer.set_content("Zur Kenntnis.")
    outer.add_attachment(message_from_bytes(the_dfki_newsletter(), policy=policy.default))
    found = entries(outer.as_bytes())
    assert [entry.title for entry in found] == list(TITLES)
    assert [entry.guid for entry in found] == [entry.guid for entry in entries(the_dfki_newsletter())]
    assert {entry.published for entry in found} == {SENT}


# ---- names


def test_the_parts_of_a_mail_have_names_that_do_not_depend_on_each_other() -> None:
    one, two = entries(the_dfki_newsletter()), entries(the_dfki_newsletter(titles=TITLES[:2]))
    assert [entry.guid for entry in two] == [entry.guid for entry in one[:2]]
    assert len({entry.guid for entry in one}) == 3


def test_a_mail_without_a_message_id_is_named_by_what_it_says() -> None:
    first, again, other = (
        entries(a_mail(text=text, id_=None, subject=TITLES[0]))[0].guid for text in ("Eins.", "Eins.", "Zwei.")
    )
    assert first == again
    assert first != other


TOKEN: Final = "aB3xK9qLm27Zt4Vw"


@pytest.mark.parametrize(
    ("written", "left"),
    [
        (f"Mehr unter https://click.dispatcher.example/f/{TOKEN}, schon heute.", "Mehr unter , schon heute."),
        (f"Mehr dazu (https://click.dispatcher.example/f/{TOKEN}) heute.", "Mehr dazu heute."),
        (f"Mehr dazu <https://www.dfki.de/nl/abmelden/{TOKEN}> heute.", "Mehr dazu heute."),
        (
            f"Mehr dazu: {PAGES[0]}?utm_source=nl&x={READER.replace('@', '%40')} heute.",
            f"Mehr dazu: {PAGES[0]} heute.",
        ),
        (f"Mehr dazu: www.dispatcher.example/c/{TOKEN} heute.", "Mehr dazu: heute."),
        ("Siehe www.dfki.de/web/news und mehr.", "Siehe https://www.dfki.de/web/news und mehr."),
    ],
)
def test_an_address_within_a_text_follows_nobody_either(written: str, left: str) -> None:
    (entry,) = entries(a_mail(text=f"{TEASERS[0]}\n{written}\n", subject=TITLES[0]))
    assert entry.summary == f"{TEASERS[0]}\n{left}"
    html = (
        f"<html><body><p>{TEASERS[0]}</p><p>{written.replace('<', '&lt;').replace('>', '&gt;')}</p></body></html>"
    )
    (entry,) = entries(a_mail(html, subject=TITLES[0]))
    assert entry.summary == f"{TEASERS[0]}\n{left}"

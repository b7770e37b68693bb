"""The confirmation mail: a stranger's words in it lead nowhere, in either part, and people can still read them."""

import re
from html.parser import HTMLParser

import pytest
from jinja2.utils import urlize

from services.notifier.letters import Letter
from services.notifier.shown import unlinked
from shared.errors import QueryError
from shared.items import LANGUAGES
from shared.subscriptions.wishes import checked_query
from tests.unit.notifier.letters import LINKS, a_confirmation, a_wish, composed

OURS = re.compile(r"https://vigie\.example\.org/\S+")

ADDRESSES = [
    "www.evil.example",
    "WWW.Evil.Example",
    "see www.evil.example now",
    "www2.evil.example",
    "ｗｗｗ．evil．example",
    "www。evil。example",
    "www.\u200bevil.example",
    "https://evil.example",
    "hxxp://evil.example",
    "//evil.example/x",
    "evil.example/path",
    '"evil.example/path"',
    "evil.example:8080",
    "evil.example?x=1",
    "evil.example#x",
    "evil.example./path",
    "evil.xn--p1ai/x",
    "пример.рф/x",
    "1.2.3.4/x",
    "spam@evil.example",
    '"spam@evil.example"',
    "spam＠evil.example",
    "mailto:spam@evil.example",
]
NAMES = [
    "evil.com",
    '"evil.com"',
    "evil.co.uk OR t.co",
    "ev\u00adil.com",
    "ev\u200bil.com",
    "evil\u2060.com",
    "evil．com",
    "evil。com",
    "evil․com",
    "1.2.3.4",
    "пример.рф",
    '"mailto:spam"',
    '"tel:+4930123456"',
    '"\\\\evil\\share"',
    "title:evil.com -org:evil.net",
]


class Text(HTMLParser):
    """The text of a page, piece by piece, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attrs if name == "href"]


def linkable(text: str) -> list[str]:
    """What some mail program would make a link of: more than any single one does."""
    found = re.findall(r'href="([^"]*)"', urlize(text, extra_schemes=["mailto:", "tel:", "ftp:"]))
    found += re.findall(r"\S*://\S*|\bwww\d*\.\S+|\S@\S+|\\\\\S+", text, re.IGNORECASE)
    found += re.findall(r"[\w-]+[.。．｡․][^\W\d_][\w-]+\S*", text)
    found += re.findall(r"\b\d+\.\d+\.\d+\.\d+\S*|\b(?:mailto|tel|sms|skype):\S+", text)
    return found + [sign for sign in text if sign in "\u00ad\u200b\u2060"]


def said(letter: Letter) -> list[str]:
    """What the mail says without our own links, in both parts."""
    mail = composed(letter)
    page = Text(mail.html.partition("</head>")[2])
    assert all(OURS.fullmatch(link) for link in page.links)
    return [OURS.sub("", mail.text), *page.pieces]


@pytest.mark.parametrize("query", ADDRESSES)
def test_a_web_or_mail_address_is_refused_as_a_wish(query: str) -> None:
    with pytest.raises(QueryError):
        checked_query(query)


@pytest.mark.parametrize("query", ADDRESSES + NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_mail_program_finds_a_link_in_what_somebody_asked_for(query: str, language: str) -> None:
    letter = a_confirmation(subscriptions=(a_wish("0a", query), a_wish("0b", query)), language=language)
    assert [found for text in said(letter) for found in linkable(text)] == []


def test_the_check_itself_finds_links() -> None:
    assert all(linkable(query) for query in ADDRESSES + NAMES if query not in ("www.\u200bevil.example",))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("theme:energy sovereignty:>0.6", "Energie, über digitale Souveränität"),
        ('"Industrie 4.0"', "genau „Industrie 4.0“"),
        (
            "title:Wasserstoff lang:de after:2026-03 -Kohle",
            "„Wasserstoff“ im Titel, auf Deutsch, ab 1. März 2026, ohne „Kohle“",
        ),
        ('("TCP/IP" OR C++) org:DFKI', "genau „TCP/IP“ oder „C++“, DFKI wird genannt"),
        ("souveraineté l’énergie", "„souveraineté“ und „l’énergie“"),
        ("AT&T", "„AT&T“"),
    ],
)
def test_a_usual_query_is_told_in_words_as_it_was_meant(query: str, words: str) -> None:
    assert checked_query(query) == query
    assert unlinked(query) == query
    assert f"Worum es geht: {words}\n" in composed(a_confirmation(subscriptions=(a_wish("0a", query),))).text


def test_a_name_with_a_dot_may_be_looked_for_and_is_shown_apart() -> None:
    assert checked_query("doctolib.fr") == "doctolib.fr"
    assert unlinked("doctolib.fr OR z.B.") == "doctolib. fr OR z. B."


def test_each_wish_says_what_how_often_and_in_which_language_and_has_its_own_button() -> None:
    wishes = (a_wish("0a", "theme:energy"), a_wish("0b", "theme:energy"), a_wish("0c", ""))
    mail = composed(a_confirmation(subscriptions=wishes))
    links = [LINKS.confirm("de", wish.id, wish.requested_at) for wish in wishes if wish.requested_at]
    assert [line for line in mail.text.splitlines() if OURS.fullmatch(line)] == links
    assert Text(mail.html).links == links
    assert mail.text.count("Sprache der Mails: Deutsch") == 3
    assert "alle Meldungen" in mail.text
    assert "3 Abonnements" in mail.text


def test_a_long_text_of_a_stranger_is_cut_short() -> None:
    mail = composed(a_confirmation(subscriptions=(a_wish("0a", "reklame " * 120),)))
    assert mail.text.count("reklame") < 30

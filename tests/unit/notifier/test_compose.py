"""What mails say: both parts from the same data, in three languages, small and without anything remote."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest

from services.notifier.compose import HTML_LIMIT
from services.notifier.layout import MOST
from services.notifier.letters import Letter, Other, Speaking, Watched
from shared.items import LANGUAGES, Spike
from shared.subscriptions.options import Options
from shared.subscriptions.words import Every, Kind, Why
from tests.unit.notifier.letters import (
    DELIVERY,
    LINKS,
    NOW,
    PERSON,
    a_confirmation,
    a_digest,
    a_letter,
    an_entry,
    composed,
    part,
    read,
)


def texts(letter: Letter) -> tuple[str, str]:
    message = read(composed(letter))
    return part(message, "plain"), part(message, "html")


class Document(HTMLParser):
    """Collects the links, and everything that a mail program would load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a":
            self.links.append(values["href"] or "")
        self.loaded += [name for name in ("src", "srcset", "background", "poster") if name in values]
        self.loaded += [tag] if tag in ("script", "img", "link", "iframe", "object", "form") else []


def test_each_title_and_each_link_stands_whole_on_a_line_of_the_plain_part() -> None:
    long_url = "https://www.example.org/" + "artikel/" * 60 + "?a=1&b=2"
    entries = [an_entry(), an_entry(title="L’énergie : « un bien commun »", url=long_url)]
    lines = texts(a_digest(*entries))[0].splitlines()
    for entry in entries:
        assert entry.title in lines
        assert entry.url in lines


def test_both_parts_carry_the_same_items_and_links() -> None:
    entries = [an_entry(title=f"Meldung {n}", url=f"https://example.org/{n}", item_id=f"i{n}") for n in range(5)]
    plain, html = texts(a_digest(*entries))
    links = Document(html).links
    for entry in entries:
        assert entry.title in html
        assert entry.url in links
        assert LINKS.item("de", entry.item_id) in links
        assert LINKS.item("de", entry.item_id) in plain.splitlines()


@pytest.mark.parametrize(
    "title",
    [
        "Énergie : « un bien commun », für 100 % = alle",
        "From now on",
        ".",
        "trailing blank \t ",
        "x" * 3000,
        "日本語 🛰",
        "=20 =3D =",
    ],
)
def test_both_parts_leave_as_short_ascii_lines_and_read_as_they_were_written(title: str) -> None:
    mail = composed(a_letter(an_entry(title=title, url="https://example.org/" + "x=" * 100)))
    raw, message = mail.as_bytes(), read(mail)
    assert raw.isascii()
    body = raw.partition(b"\r\n\r\n")[2]
    assert max(map(len, body.split(b"\r\n"))) <= 78
    assert not any(line.startswith(b"From ") for line in body.split(b"\r\n"))
    for kind, written in (("plain", mail.text), ("html", mail.html)):
        (leaf,) = [each for each in message.walk() if each.get_content_type() == f"text/{kind}"]
        assert leaf["Content-Transfer-Encoding"] == "quoted-printable"
        assert part(message, kind).splitlines() == written.splitlines()


def test_each_story_says_who_when_in_which_language_and_why() -> None:
    for text in texts(a_letter()):
        assert "Institut A · 3. März 2026, 10:00 · Deutsch" in text
        bare = re.sub("<[^>]+>", "", text)
        assert "Warum: Energie („Stromnetz“)" in bare
        assert "Themen: Energie" in bare
        assert "Organisationen: DFKI" in bare


def test_that_a_machine_decided_is_said_once_and_without_its_name() -> None:
    for text in texts(a_digest(an_entry(), an_entry(item_id="two"))):
        assert text.count("Maschine") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_mail_speaks_the_language_of_queries(language: str) -> None:
    query = "(theme:energy OR theme:health) sovereignty:>0.6 lang:de source:inria"
    spoken = (Speaking("0a", query, Every.DAILY, "de", NOW),)
    why = tuple(Why(clause=clause) for clause in ("theme:energy", "sovereignty:>0.6", "lang:de"))
    for letter in (a_digest(an_entry(why=why), subscriptions=spoken), a_confirmation(subscriptions=spoken)):
        for text in texts(replace(letter, language=language)):
            visible = re.sub(r"<style.*?</style>|<[^>]+>|https?://\S+", "", text, flags=re.DOTALL)
            assert not re.search(r"\b(theme|sovereignty|lang|source):\S|\bOR\b", visible)


def test_a_story_stands_once_under_the_first_subscription_that_found_it_and_names_the_others() -> None:
    spoken = (Speaking("0a", "theme:energy", Every.DAILY), Speaking("0b", "theme:health", Every.DAILY))
    both = an_entry(item_id="both", title="Beides", speaking=("0b", "0a"))
    second = an_entry(item_id="second", title="Nur das Zweite", speaking=("0b",))
    for text in texts(a_digest(second, both, subscriptions=spoken)):
        bare = re.sub("<[^>]+>", "", text)
        assert bare.count("Beides") == 1
        assert "Passt auch zu: Gesundheit" in bare
        assert bare.index("Beides") < bare.index("Nur das Zweite")


def test_what_more_publishers_tell_and_what_is_newer_comes_first() -> None:
    old = an_entry(item_id="old", title="Alt", published=NOW - timedelta(days=2))
    new = an_entry(item_id="new", title="Neu")
    told_by_many = an_entry(item_id="many", title="Viele", published=NOW - timedelta(days=1), also=("b", "c", "d"))
    for text in texts(a_digest(old, new, told_by_many)):
        assert re.findall(r"[>\n](Viele|Neu|Alt)[<\r]", text) == ["Viele", "Neu", "Alt"]


def test_other_items_of_a_story_are_named_with_their_language() -> None:
    other = Other("Le réseau s’agrandit", "https://example.org/fr", "Institut B", "fr")
    for text in texts(a_letter(an_entry(others=(other,)))):
        bare = re.sub("<[^>]+>", "", text)
        assert "Auch auf Französisch: Le réseau s’agrandit (Institut B)" in bare


def test_sovereignty_is_a_topic_and_never_a_number() -> None:
    plain, html = texts(a_letter(an_entry(sovereignty=0.83)))
    assert "über digitale Souveränität" in plain
    assert "0.83" not in plain + html


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "Üblichen: Energie, 8 Meldungen in sieben Tagen, wo 1,5 üblich sind; DFKI wird genannt, 12 M"),
        ("en", "usual: Energy, 8 items in seven days where 1.5 are usual; naming DFKI, 12 items"),
        ("fr", "habituel : Énergie, 8 publications en sept jours contre 1,5 d’habitude ; où il est"),
    ],
)
def test_what_rose_is_said_with_the_numbers_behind_it(language: str, said: str) -> None:
    rose = (
        Spike(kind="theme", value="energy", found=8, usual=1.5),
        Spike(kind="org", value="dfki", found=12, usual=2.0),
    )
    why = (Why(clause="is:spike"),)
    plain, _ = texts(a_letter(an_entry(spikes=rose, why=why), language=language))
    assert said in " ".join(plain.replace("\u202f", " ").replace("\u00a0", " ").split())


def test_the_footer_says_why_and_how_to_leave() -> None:
    spoken = (Speaking("0a", "theme:ai", Every.DAILY), Speaking("0b", "", Every.WEEKLY))
    plain, html = texts(a_digest(subscriptions=spoken))
    assert "leser@example.org" in plain
    for each in spoken:
        for url in (LINKS.leave("de", each.id), LINKS.preferences("de", each.id)):
            assert url in plain.splitlines()
            assert url in Document(html).links
    assert "Künstliche Intelligenz (täglich um 7 Uhr)" in " ".join(plain.split())
    assert "alle Meldungen" in plain


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("de", "Überblick vom 1. März 2026: 2 Meldungen"),
        ("fr", "Sélection du 1er mars 2026\u202f: 2 publications"),
        ("en", "Digest of 1 March 2026: 2 publications"),
    ],
)
def test_a_digest_names_its_day_as_the_language_writes_it(language: str, subject: str) -> None:
    assert str(read(composed(a_digest(an_entry(), an_entry(), language=language)))["Subject"]) == subject


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", [a_letter(), a_letter(an_entry(), an_entry()), a_digest(), a_confirmation()])
def test_every_mail_exists_in_every_language(letter: Letter, language: str) -> None:
    message = read(composed(replace(letter, language=language)))
    assert f'<html lang="{language}">' in part(message, "html")
    assert message["Subject"]
    assert not re.search(r"[{}]", part(message, "plain"))
    if language == "fr":
        assert not re.search(r"\w[:;!?»] |\w [:;!?»]|« ", part(message, "plain"))


def test_a_confirmation_says_what_how_often_and_until_when_and_links_once() -> None:
    plain, html = texts(a_confirmation())
    link = LINKS.confirm("de", "0a1b0a1b0a1b0a1b", NOW)
    assert link in plain.splitlines()
    assert Document(html).links == [link]
    assert "Worum es geht: Energie" in plain
    assert "sofort" in plain
    assert "10. März 2026" in plain


def test_a_bundle_says_how_many_there_are() -> None:
    assert str(read(composed(a_letter(an_entry(), an_entry())))["Subject"]) == "2 neue Meldungen"


def test_html_of_a_publisher_is_text_in_a_mail() -> None:
    nasty = an_entry(
        title="<script>alert(1)</script>",
        summary='<img src="https://evil.example/p.gif">',
        url="javascript:alert(1)",
        why=(Why(clause="theme:energy", passage="<b>"),),
    )
    plain, html = texts(a_letter(nasty))
    document = Document(html)
    assert document.loaded == []
    assert all(link.startswith("https://vigie.example.org/") for link in document.links)
    assert "javascript:" not in plain


def test_nothing_remote_is_loaded() -> None:
    html = texts(a_digest(an_entry(), an_entry()))[1]
    assert Document(html).loaded == []
    assert "url(" not in html
    assert "@import" not in html


def test_a_huge_digest_stays_under_the_limit_and_its_own_page_has_the_rest() -> None:
    entries = [
        an_entry(
            title=f"Meldung {n} " + "wichtig " * 30,
            url=f"https://example.org/{n}",
            summary="Sehr lang. " * 900,
            why=tuple(Why(clause=f"word{m}", passage="Passage " * 90) for m in range(9)),
        )
        for n in range(400)
    ]
    plain, html = texts(a_digest(*entries))
    assert len(html.encode()) < HTML_LIMIT
    assert LINKS.leave("de", "0a1b0a1b0a1b0a1b") in html
    lines = plain.splitlines()
    assert sum(entry.url in lines for entry in entries) == MOST
    issue = LINKS.issue("de", DELIVERY)
    assert issue in lines
    assert issue in Document(html).links
    assert f"({400 - MOST} weitere)" in plain
    assert plain.count("\nMeldung ") == html.count("Meldung ")


def test_forty_usual_stories_stand_in_full() -> None:
    entries = [
        an_entry(
            title=f"Meldung {n} " + "über Stromnetze " * 5,
            url=f"https://www.example.org/presse/mitteilungen/2026/meldung-{n}",
            summary="Der Netzbetreiber baut Leitungen aus. " * 8,
            item_id=f"{n:032x}",
            themes=("energy", "climate"),
        )
        for n in range(MOST)
    ]
    plain, html = texts(a_digest(*entries))
    assert len(html.encode()) < HTML_LIMIT
    assert html.count("Warum: ") == MOST == plain.count("Warum: ")


def test_no_line_is_longer_than_a_relay_takes() -> None:
    endless = an_entry(title="Wort " * 500, summary="x" * 5000, url="https://example.org/" + "y" * 3000)
    mail = composed(a_letter(endless))
    assert max(map(len, mail.as_bytes().split(b"\r\n"))) <= 998
    assert LINKS.item("de", "one") in mail.text  # a link that fits no line is left to the item's page


def test_an_entry_without_a_link_leads_to_its_page() -> None:
    assert LINKS.item("de", "one") in texts(a_letter(an_entry(url=None)))[0].splitlines()


def test_an_operator_mail_is_its_note() -> None:
    plain, html = texts(a_letter(kind=Kind.OPERATOR, subject="Sick sources", note="dfki: HTTP 404\ninria: ok"))
    assert plain.splitlines() == ["dfki: HTTP 404", "inria: ok"]
    assert "dfki: HTTP 404" in html


def test_dates_are_told_where_the_person_lives() -> None:
    late = datetime(2026, 3, 3, 23, 30, tzinfo=UTC)
    assert "4. März 2026" in texts(a_letter(an_entry(published=late)))[0]


def test_a_mail_of_many_subscriptions_names_each_in_its_text_and_ends_all_by_one_link() -> None:
    many = tuple(Speaking(f"{n:016x}", f"title:word{n} " + "x" * 900, Every.DAILY) for n in range(100))
    plain, html = texts(a_digest(subscriptions=many))
    assert len(html.encode()) < HTML_LIMIT
    whole = LINKS.leave_mail("de", DELIVERY, PERSON)
    assert whole in plain.splitlines()
    assert whole in Document(html).links
    assert all(LINKS.leave("de", each.id) in plain.splitlines() for each in many)
    assert "Weitere Abonnements im Textteil dieser Nachricht: 80." in html
    assert whole not in texts(a_digest())[0]  # one subscription has one link


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", "freitags um 18 Uhr, Zeitzone America/Cayenne"),
        ("fr", "le vendredi à 18 h, fuseau horaire America/Cayenne"),
        ("en", "on Fridays at 18:00, time zone America/Cayenne"),
    ],
)
def test_a_mail_says_when_its_subscription_writes(language: str, words: str) -> None:
    options = Options(weekday=4, hour=18, zone="America/Cayenne")
    spoken = (Speaking("0a", "", Every.WEEKLY, "de", NOW, NOW, options),)
    for letter in (a_digest(subscriptions=spoken), a_confirmation(subscriptions=spoken)):
        assert words in " ".join(texts(replace(letter, language=language))[0].split())


def test_a_digest_ends_with_who_was_watched_and_names_who_was_not() -> None:
    missed = tuple(f"Amt {n}" for n in range(14))
    daily = (Speaking("0a", "theme:energy", Every.DAILY),)
    some = a_digest(subscriptions=daily, since=NOW, watched=Watched(59, missed))
    for text in texts(some):
        said = " ".join(re.sub("<[^>]+>", "", text).split())
        assert "In den letzten 24 Stunden lückenlos beobachtet: 45 von 59 Stellen." in said
        assert "Nicht oder nicht lückenlos: Amt 0, Amt 1," in said
        assert "Amt 11 und 2 weitere." in said
    every = a_digest(subscriptions=(Speaking("0a", "", Every.WEEKLY),), since=NOW, watched=Watched(59, ()))
    assert all("In den letzten sieben Tagen wurden alle 59 Stellen" in " ".join(t.split()) for t in texts(every))
    assert all("beobachtet." not in text for text in texts(a_digest(subscriptions=daily, since=NOW)))

"""Calls and events: what invites is found with its day, what reports is not."""

from datetime import UTC, date, datetime

import pytest

from services.classifier.announced.announce import announced, with_announcements
from services.classifier.announced.days import days
from shared.items import Announced, Announcement
from tests.archived import a_collected, a_verdict

PUBLISHED = date(2026, 4, 10)


def told(title: str, body: str = "", published: date = PUBLISHED) -> dict[str, date | None]:
    return {each.kind.value: each.day for each in announced(title, body, published)}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("vom 8. bis 10. Mai 2026", "2026-05-08"),
        ("am 8.5.2026 und", "2026-05-08"),
        ("vom 15.-18. März 2027 in Berlin", "2027-03-15"),
        ("vom 25.-28.03.2027 in Göttingen", "2027-03-25"),
        ("am 16./17. Mai in Genf", "2026-05-16"),
        ("les 30 juin et 1er juillet 2026", "2026-06-30"),
        ("du 1er au 5 juillet", "2026-07-01"),
        ("le 25 mai prochain", "2026-05-25"),
        ("on June 22, 2026", "2026-06-22"),
        ("from 23 to 26 August", "2026-08-23"),
        ("until 2026-05-04", "2026-05-04"),
        ("bis 3. Januar", "2027-01-03"),
    ],
)
def test_a_day_is_read_as_it_is_written(text: str, day: str) -> None:
    assert [each.day.isoformat() for each in days(text, PUBLISHED)] == [day]


@pytest.mark.parametrize("text", ["Version 3.11.7", "1,5 Millionen", "am 31. Februar", "Seite 12", "10.000 Euro"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert days(text, PUBLISHED) == []


def test_a_call_has_its_deadline() -> None:
    assert told("Call for Papers", "Vorträge können bis zum 25. April eingereicht werden.") == {
        "call": date(2026, 4, 25)
    }
    assert told("Appel à projets « IA et santé »", "Les dossiers sont à déposer avant le 30 juin 2026.") == {
        "call": date(2026, 6, 30)
    }
    assert told("Grants open", "Researchers are invited to apply by 4 May 2026.") == {"call": date(2026, 5, 4)}


def test_an_event_has_its_first_day_and_its_call_the_deadline() -> None:
    body = "La conférence se tiendra du 5 au 9 juin. L'appel à communications est ouvert jusqu'au 20 avril."
    assert told("Journées du calcul", body) == {"call": date(2026, 4, 20), "event": date(2026, 6, 5)}


def test_a_report_of_an_event_announces_nothing() -> None:
    assert told("Erfolgreiche Konferenz", "Vom 24. bis 26. März fand die Konferenz in Bremen statt.") == {}
    assert told("Retour sur le salon", "Le salon s'est tenu les 24 et 25 mars, plus de 300 inscriptions.") == {}


def test_days_of_other_things_announce_nothing() -> None:
    assert told("Bundesrat verlängert die Frist", "Das Gesetz gilt bis zum 31. Dezember 2026.") == {}
    assert told("Verkehrsmeldung", "Die Brücke wird am 3. Mai gesperrt.") == {}


def test_a_call_without_a_day_is_one_where_the_title_says_so() -> None:
    assert told("Appel à projets ouvert aux PME", "Les modalités suivent.") == {"call": None}


def test_the_passage_stands_in_the_item_word_for_word() -> None:
    title = "Konferenz zur KI"
    body = "Alle sind eingeladen. Die Konferenz findet am 7. Mai 2026 in Kiel statt. " + "Weiteres folgt. " * 60
    (event,) = announced(title, body, PUBLISHED)
    assert event == Announced(
        kind=Announcement.EVENT,
        day=date(2026, 5, 7),
        passage="Die Konferenz findet am 7. Mai 2026 in Kiel statt.",
    )
    long = f"Die Konferenz {'mit vielen Gästen ' * 30}findet am 7. Mai 2026 in Kiel statt."
    (event,) = announced(title, long, PUBLISHED)
    assert event.passage in long
    assert len(event.passage) <= 240


def test_a_day_without_a_year_is_counted_from_the_publication() -> None:
    published = datetime(2024, 4, 2, tzinfo=UTC)
    item = a_collected(title="Tagung in Kiel", text="Die Tagung findet am 3. Mai statt.", published=published)
    assert [each.day for each in with_announcements(a_verdict(), item).announced] == [date(2024, 5, 3)]

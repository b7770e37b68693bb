"""Same name is not same entry, and another name not another: words, dates and the rest of the document decide."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.collector.decide import Plan
from services.collector.entries import ParsedEntry
from tests.unit.collector.test_decide import NOW, SITE, an_entry, plan, poll_after

REPORT = "Wochenbericht zur Lage der Netze"
DAY = timedelta(days=1)


def renamed(entry, name, **changes):  # type: ignore[no-untyped-def]
    return replace(entry, guid=f"guid-{name}", url=f"{SITE}{name}", **changes)


@pytest.mark.parametrize("word", ["N/A", "n/a", "none", "-", "#", "0", " "])
def test_a_word_that_software_writes_where_it_knows_no_name_names_nothing(word: str) -> None:
    first = plan(an_entry("eins", guid=word, url=None))
    made = poll_after(first, an_entry("zwei", guid=word, url=None))
    assert [item.title for item in made.live] == ["Titel von zwei"]


def test_a_guid_that_stands_twice_names_nothing() -> None:
    made = plan(an_entry("eins", guid="x", url=None), an_entry("zwei", guid="x", url=None))
    assert len({item.item_id for item in made.live}) == 2


@pytest.mark.parametrize("guids", [("seite#a", "seite#b"), (None, None)])
def test_other_words_in_another_place_of_one_page_are_another_entry(guids: tuple[str | None, str | None]) -> None:
    page = f"{SITE}chronik"
    one = an_entry("eins", guid=guids[0], url=page, place="a", title="Neubau eröffnet", summary="Gestern. " * 9)
    two = an_entry("zwei", guid=guids[1], url=page, place="b", title="Preis für Robotik", summary="Heute. " * 9)
    made = poll_after(plan(one), two)
    assert [item.title for item in made.live] == ["Preis für Robotik"]
    assert made.live[0].item_id != plan(one).live[0].item_id


def test_a_corrected_title_under_a_new_guid_at_the_same_address_is_the_same_entry() -> None:
    first = plan(an_entry())
    made = poll_after(first, an_entry(guid="anders", title="Titel von eins, berichtigt"))
    assert (made.new, made.changed) == (0, 1)


def test_a_weekly_report_under_one_title_is_another_entry_while_the_last_one_still_stands_there() -> None:
    last = an_entry("kw46", title=REPORT, published=NOW - 7 * DAY)
    made = poll_after(plan(last), last, renamed(last, "kw47", published=NOW))
    assert (len(made.live), made.held) == (1, ())


def test_a_weekly_report_that_replaces_the_last_one_is_held_and_shown() -> None:
    last = an_entry("kw46", title=REPORT, published=NOW - 7 * DAY)
    made = poll_after(plan(last), renamed(last, "kw47", published=NOW))
    assert len(made.held) == 1


def test_one_release_twice_in_one_document_is_one() -> None:
    one = an_entry("eins")
    assert plan(one, renamed(one, "zwei")).new == 1


def test_one_release_that_comes_a_second_time_beside_itself_is_one() -> None:
    one = an_entry("eins")
    assert poll_after(plan(one), one, renamed(one, "zwei")) == Plan(unchanged=1)


@pytest.mark.parametrize("summary", ["", "Kurz.", an_entry().summary])
def test_guid_and_link_both_changed_is_the_same_entry_whatever_the_title_s_length(summary: str) -> None:
    old = an_entry("eins", title="Neue Leitung gewählt", summary=summary)
    made = poll_after(plan(old), renamed(old, "eins-neu"))
    assert (made.new, made.live, made.held) == (0, (), ())
    assert poll_after(made, renamed(old, "eins-neu")).unchanged == 1


def test_two_short_titles_of_one_day_side_by_side_are_two() -> None:
    one = an_entry("eins", title="Stellenausschreibung", summary="")
    assert len(poll_after(plan(one), one, renamed(one, "zwei")).live) == 1


def test_a_new_scheme_of_addresses_makes_no_news() -> None:
    old = [an_entry(f"artikel{n}", title=f"Meldung Nummer {n} des Hauses") for n in range(30)]
    made = poll_after(plan(*old), *(renamed(entry, f"neu/{n}") for n, entry in enumerate(old)))
    assert (made.new, made.live, made.bulk, made.held) == (0, (), (), ())


def test_guids_that_count_places_make_no_revisions_of_one_another() -> None:
    titles = {"a": "Neubau eröffnet", "b": "Preis für Robotik", "c": "Professur besetzt"}
    texts = {
        "a": "Gestern kamen viele. " * 4,
        "b": "Eine Jury ehrte das Team. " * 4,
        "c": "Im Sommer beginnt sie. " * 4,
    }

    def at(place: str, name: str) -> ParsedEntry:
        return an_entry(name, guid=place, title=titles[name], summary=texts[name])

    first = plan(at("1", "a"))
    second = poll_after(first, at("1", "b"), at("2", "a"))
    third = poll_after(second, at("1", "c"), at("2", "b"), at("3", "a"))
    assert [[item.title for item in made.live] for made in (second, third)] == [[titles["b"]], [titles["c"]]]

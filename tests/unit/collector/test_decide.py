"""What of a document is published, on which lane, and what is remembered."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.collector.decide import Known, Plan, SourceFacts, decide
from services.collector.entries import ParsedEntry
from services.collector.identify import MOST_TEXT, identify
from shared.identity import item_id_for_url

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SITE = "https://www.example.org/"
NEW_SOURCE = SourceFacts("haus", name="Haus", country="DE", languages=("de",))
SEEN_SOURCE = replace(NEW_SOURCE, last_success=NOW - timedelta(hours=1))
TEXT = "Das Institut prüft in drei Städten ein Wärmenetz, das Strom aus Wind speichert und im Winter heizt."


def an_entry(name: str = "eins", **changes: object) -> ParsedEntry:
    entry = ParsedEntry(
        guid=f"guid-{name}",
        url=f"{SITE}{name}",
        title=f"Titel von {name}",
        summary=f"{TEXT} Mehr zu {name}.",
        published=NOW - timedelta(hours=1),
    )
    return replace(entry, **changes)  # type: ignore[arg-type]


def plan(
    *entries: ParsedEntry, known: tuple[Known, ...] = (), source: SourceFacts = SEEN_SOURCE, now: datetime = NOW
) -> Plan:
    return decide(identify(entries, source.id, (SITE,)), known, source, now, "de")


def poll_after(first: Plan, *entries: ParsedEntry, source: SourceFacts = SEEN_SOURCE) -> Plan:
    return plan(*entries, known=first.remember, source=source)


def purposes(made: Plan) -> list[str]:
    return [entry.purpose.value for entry in made.remember]


# ---- the first poll


def test_at_the_first_poll_two_days_are_live_and_the_rest_is_backfill() -> None:
    made = plan(
        an_entry("neu", published=NOW - timedelta(hours=47)),
        an_entry("alt", published=NOW - timedelta(hours=49)),
        an_entry("undatiert", published=None),
        source=NEW_SOURCE,
    )
    assert [item.title for item in made.live] == ["Titel von neu"]
    assert [item.title for item in made.bulk] == ["Titel von undatiert", "Titel von alt"]
    assert made.held == ()


def test_an_update_time_stands_in_for_a_missing_date_of_publication() -> None:
    made = plan(an_entry(published=None, updated=NOW - timedelta(hours=2)), source=NEW_SOURCE)
    assert made.live[0].published == NOW - timedelta(hours=2)


def test_a_date_in_the_far_future_is_no_date_of_publication() -> None:
    made = plan(an_entry(published=NOW + timedelta(days=90), published_raw="31.05.2026"), source=NEW_SOURCE)
    assert made.live == ()
    assert (made.bulk[0].published, made.bulk[0].published_raw) == (None, "31.05.2026")


def test_a_date_a_few_hours_ahead_is_a_wrong_zone_and_counts_as_now() -> None:
    assert plan(an_entry(published=NOW + timedelta(hours=2)), source=NEW_SOURCE).live


# ---- later polls


def test_later_what_was_never_seen_is_live_also_without_a_date() -> None:
    first = plan(an_entry("eins"))
    made = poll_after(first, an_entry("zwei", published=None), an_entry("eins"))
    assert [item.title for item in made.live] == ["Titel von zwei"]
    assert (made.new, made.changed, made.unchanged, made.bulk) == (1, 0, 1, ())


def test_what_was_seen_is_silent() -> None:
    first = plan(an_entry("eins"), an_entry("zwei"))
    assert poll_after(first, an_entry("eins"), an_entry("zwei")) == Plan(unchanged=2)


def test_a_new_date_alone_changes_nothing() -> None:
    first = plan(an_entry(published=NOW - timedelta(days=9)), source=NEW_SOURCE)
    assert poll_after(first, an_entry(published=NOW)).unchanged == 1


def test_an_edit_keeps_item_and_lane() -> None:
    first = plan(an_entry("neu"), an_entry("alt", published=NOW - timedelta(days=9)), source=NEW_SOURCE)
    made = poll_after(first, an_entry("neu", summary="Anders."), an_entry("alt", summary="Anders."))
    assert [item.title for item in made.live] == ["Titel von neu"]
    assert [item.title for item in made.bulk] == ["Titel von alt"]
    assert {item.item_id for item in (*made.live, *made.bulk)} == {known.item_id for known in first.remember}
    assert (made.new, made.changed) == (0, 2)


def test_an_edit_keeps_the_first_date_where_only_the_update_is_written() -> None:
    first = plan(an_entry(published=None, updated=NOW - timedelta(hours=9)))
    made = poll_after(first, an_entry(published=None, updated=NOW, summary="Anders."))
    assert made.live[0].published == NOW - timedelta(hours=9)


def test_what_left_the_feed_and_comes_back_is_not_new() -> None:
    first = plan(an_entry("eins"))
    assert poll_after(first, an_entry("eins", published=NOW - timedelta(days=400))).new == 0


# ---- identity


def test_the_link_is_the_item() -> None:
    made = plan(an_entry("eins"))
    assert made.live[0].item_id == item_id_for_url(f"{SITE}eins")


def test_a_changed_guid_under_the_same_link_is_the_same_item() -> None:
    first = plan(an_entry())
    made = poll_after(first, an_entry(guid="ganz-anders"))
    assert (made.new, made.live) == (0, ())
    assert made.remember[0].item_id == first.remember[0].item_id


def test_a_changed_link_under_the_same_guid_is_the_same_item() -> None:
    first = plan(an_entry())
    made = poll_after(first, an_entry(url=f"{SITE}umgezogen", summary="Anders."))
    assert made.changed == 1
    assert made.live[0].item_id == first.live[0].item_id


def test_a_new_entry_under_the_old_link_of_another_is_an_item_of_its_own() -> None:
    first = plan(an_entry("eins"))
    moved = an_entry("eins", url=f"{SITE}umgezogen")
    squatter = an_entry("zwei", url=f"{SITE}eins")
    made = poll_after(first, moved, squatter)
    assert made.new == 1
    assert made.live[0].item_id != first.live[0].item_id


def test_a_link_that_stands_twice_identifies_nothing() -> None:
    made = plan(an_entry("eins", url=f"{SITE}live"), an_entry("zwei", url=f"{SITE}live"))
    assert len({item.item_id for item in made.live}) == 2
    assert item_id_for_url(f"{SITE}live") not in {item.item_id for item in made.live}


@pytest.mark.parametrize("page", [SITE, "https://www.example.org", "http://www.example.org/"])
def test_a_link_to_the_site_identifies_nothing(page: str) -> None:
    first = plan(an_entry("eins", url=page))
    made = poll_after(first, an_entry("zwei", url=page))
    assert made.new == 1


def test_the_seen_set_keeps_an_id_that_today_would_be_another() -> None:
    first = plan(an_entry())
    kept = replace(first.remember[0], item_id="0" * 32, content_hash="")
    made = plan(an_entry(), known=(kept,))
    assert made.live[0].item_id == "0" * 32


def test_a_true_double_in_one_document_counts_once() -> None:
    assert plan(an_entry("eins"), an_entry("eins"), an_entry("eins", guid="anders")).new == 1


def test_an_entry_without_guid_is_known_by_its_link_and_one_without_both_by_its_words() -> None:
    linked, bare = an_entry(guid=None), an_entry("zwei", guid=None, url=None)
    first = plan(linked, bare)
    assert first.new == 2
    assert poll_after(first, linked, bare).unchanged == 2


def test_an_entry_without_any_words_is_left_out() -> None:
    assert plan(an_entry(title="", summary="")) == Plan()


def test_a_missing_title_is_made_of_the_text() -> None:
    made = plan(an_entry(title="", summary="Ein Satz über Wasserstoff. " * 20))
    assert made.live[0].title.startswith("Ein Satz über Wasserstoff.")
    assert made.live[0].title.endswith("…")
    assert len(made.live[0].title) <= 101


def test_a_text_is_cut_at_200_kb_and_says_so() -> None:
    made = plan(an_entry(text="ä" * 300_000))
    assert made.live[0].truncated
    assert len(made.live[0].text.encode()) == MOST_TEXT


def test_a_source_whose_terms_allow_no_full_text_gives_its_summary() -> None:
    made = plan(an_entry(text="Der ganze Text."), source=replace(SEEN_SOURCE, full_text=False))
    assert (made.live[0].text, made.live[0].summary) == ("", an_entry().summary)


def test_the_oldest_goes_first() -> None:
    made = plan(an_entry("neu"), an_entry("alt"))
    assert [item.title for item in made.live] == ["Titel von alt", "Titel von neu"]


# ---- the flood guard


def old_release() -> tuple[Plan, ParsedEntry]:
    entry = an_entry("alt", published=NOW - timedelta(days=30))
    return plan(entry, source=NEW_SOURCE), entry


def test_the_same_words_under_another_name_and_date_are_held() -> None:
    first, entry = old_release()
    made = poll_after(first, replace(entry, guid="neu", url=f"{SITE}neu", published=NOW))
    assert (made.live, len(made.bulk), purposes(made)) == ((), 1, ["backfill"])
    assert "repeats" in made.held[0].reason


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("Update: Titel von alt", f"{TEXT} Mehr zu alt."),
        ("Titel von alt", f"{TEXT} Noch etwas mehr zu alt."),
    ],
)
def test_nearly_the_same_words_are_held_too(title: str, summary: str) -> None:
    first, entry = old_release()
    again = replace(entry, guid="neu", url=f"{SITE}neu", published=NOW, title=title, summary=summary)
    assert len(poll_after(first, again).held) == 1


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        (
            "Titel von alt",
            "Ein ganz anderer Text über Krankenhäuser, Röntgenbilder und ihre Auswertung durch Ärztinnen.",
        ),
        ("Ein anderer Titel", f"{TEXT} Mehr zu alt."),
        ("Zahl der Woche 12", "Kurz."),
    ],
)
def test_other_words_are_not_held(title: str, summary: str) -> None:
    first, entry = old_release()
    other = replace(entry, guid="neu", url=f"{SITE}neu", published=NOW, title=title, summary=summary)
    assert len(poll_after(first, other).live) == 1


def test_a_monthly_release_that_differs_in_its_numbers_is_not_held() -> None:
    march = an_entry("03", title="Verbraucherpreise im Monat 3 um 2,1 Prozent gestiegen")
    april = an_entry("04", title="Verbraucherpreise im Monat 4 um 2,1 Prozent gestiegen", summary=march.summary)
    assert len(poll_after(plan(march), april).live) == 1


def test_what_is_dated_long_before_the_last_visit_is_held_singly() -> None:
    first = plan(an_entry("eins"))
    late = an_entry("spät", published=NOW - timedelta(hours=60))
    made = poll_after(first, late, an_entry("zwei"))
    assert [item.title for item in made.live] == ["Titel von zwei"]
    assert [held.item.title for held in made.held] == ["Titel von spät"]
    assert made.held[0].item == made.bulk[0]


def test_after_an_outage_of_the_source_what_was_missed_is_live() -> None:
    first = plan(an_entry("eins"))
    back = replace(SEEN_SOURCE, last_success=NOW - timedelta(days=10))
    missed = an_entry("zwei", published=NOW - timedelta(days=9))
    assert len(poll_after(first, missed, source=back).live) == 1


def test_at_the_first_poll_nothing_is_held() -> None:
    one = an_entry("eins", published=NOW)
    assert plan(one, replace(one, guid="x", url=f"{SITE}x", published=NOW), source=NEW_SOURCE).held == ()

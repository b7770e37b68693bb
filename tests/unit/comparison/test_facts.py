"""Numbers, days, times and names are the same however three languages write them."""

import pytest

from shared.comparison.facts import Fact, Kind, facts, unanswered


def accused(text: str, language: str, other: str, other_language: str) -> list[str]:
    """What the first text states and the second does not, as written; what is weak accuses nobody."""
    found = unanswered(facts(text, language), facts(other, other_language))
    return [fact.said for fact in found if not fact.weak]


SAME = (
    ("am 12. November", "de", "le 12 novembre", "fr"),
    ("am 12. November 2026", "de", "on November 12, 2026", "en"),
    ("12.11.2026", "de", "2026-11-12", "en"),
    ("ab dem 1. Mai", "de", "à partir du 1er mai", "fr"),
    ("vom 11. bis 12. März", "de", "du 11 au 12 mars", "fr"),
    ("um 14.30 Uhr", "de", "à 14h30", "fr"),
    ("um 15 Uhr", "de", "at 3 p.m.", "en"),
    ("1,5 Mio. Euro", "de", "1.5 million euros", "en"),
    ("2,1 Milliarden", "de", "2,1 milliards", "fr"),
    ("2,1 Mrd. Euro", "de", "2.1 billion euros", "en"),
    ("2 Billionen", "de", "2 trillion", "en"),
    ("10.500 Stellen", "de", "10 500 postes", "fr"),
    ("10’500 Stellen", "de", "10,500 jobs", "en"),
    ("15 Prozent", "de", "15 %", "fr"),
    ("zwischen 10 und 16 Milliarden", "de", "10 billion to 16 billion", "en"),
    ("2008-11", "de", "de 2008 à 2011", "fr"),
    ("3 Fälle", "de", "trois cas", "fr"),
    ("im 21. Jahrhundert", "de", "au XXIe siècle", "fr"),
    ("rund 4 Milliarden", "de", "quatre milliards environ", "fr"),
    ("in Köln", "de", "à Cologne", "fr"),
    ("das Bundesministerium für Gesundheit", "de", "le ministère fédéral allemand de la Santé", "fr"),
)


@pytest.mark.parametrize("case", SAME, ids=lambda case: f"{case[0]} = {case[2]}")
def test_what_is_the_same_accuses_nobody_either_way(case: tuple[str, str, str, str]) -> None:
    text, language, other, other_language = case
    assert accused(text, language, other, other_language) == []
    assert accused(other, other_language, text, language) == []


DIFFERENT = (
    ("am 12. November", "de", "le 13 novembre", "fr", "12. November"),
    ("am 12. November 2025", "de", "le 12 novembre 2026", "fr", "12. November 2025"),
    ("am 12. März", "de", "le 12 mai", "fr", "12. März"),
    ("um 14.30 Uhr", "de", "à 15h30", "fr", "14.30 Uhr"),
    ("15 Mio. Euro", "de", "1,5 million d'euros", "fr", "15 Mio"),
    ("2 Milliarden", "de", "2 millions", "fr", "2 Milliarden"),
    ("2 Billionen", "de", "2 billion", "en", "2 Billionen"),
    ("15 Prozent", "de", "16 %", "fr", "15"),
    ("1.500 Stellen", "de", "1 600 postes", "fr", "1.500"),
    ("am 1. Mai", "de", "une fête le 2 mai", "fr", "1. Mai"),
    ("in Köln", "de", "à Paris", "fr", "Köln"),
)


@pytest.mark.parametrize("case", DIFFERENT, ids=lambda case: f"{case[0]} / {case[2]}")
def test_what_differs_is_said(case: tuple[str, str, str, str, str]) -> None:
    text, language, other, other_language, said = case
    assert accused(text, language, other, other_language) == [said]


@pytest.mark.parametrize("name", ["5G", "COVID-19", "CO2", "Industrie4.0"])
def test_a_number_within_a_name_is_no_count(name: str) -> None:
    assert [fact for fact in facts(f"mit {name} dabei", "de") if not fact.weak] == []


def test_a_fact_tells_its_kind_and_its_words() -> None:
    found = facts("Am 12. November um 14 Uhr erhält das DFKI 3 Mio. Euro.", "de")
    strong = [(fact.kind, fact.said) for fact in found if not fact.weak]
    assert strong == [
        (Kind.DATE, "12. November"),
        (Kind.TIME, "14 Uhr"),
        (Kind.NUMBER, "3 Mio"),
        (Kind.NAME, "DFKI"),
    ]
    assert all(isinstance(fact, Fact) for fact in found)

"""What stands in one version alone, and what differs: on texts where a reader can see it."""

from shared.comparison.compare import Comparison, Version, side
from shared.comparison.compared import compared

DE = Version(
    "de",
    "Deutschland und Frankreich gründen Labor",
    "Das Labor wird am 12. November in Saarbrücken eröffnet. Es erhält 15 Mio. Euro bis 2029. "
    "Die Leitung übernimmt das DFKI gemeinsam mit Inria.",
)
FR = Version(
    "fr",
    "La France et l'Allemagne créent un laboratoire",
    "Le laboratoire ouvrira le 12 novembre à Sarrebruck. Il recevra 15 millions d'euros d'ici à 2029. "
    "Inria et le DFKI le dirigent ensemble.",
)
CRITIC = "Kritik kam vom Rechnungshof, der die Kosten für zu hoch hält."


def more(version: Version, sentence: str) -> Version:
    return Version(version.language, version.title, f"{version.text} {sentence}")


def only(found: Comparison) -> tuple[list[str], list[str]]:
    return (
        [found.left.sentences[n] for n in found.only_left],
        [found.right.sentences[n] for n in found.only_right],
    )


def told(found: Comparison) -> list[tuple[str, str, str]]:
    return [(each.kind, each.left, each.right) for each in found.differs]


def test_a_translation_agrees() -> None:
    assert compared(DE, FR).agree
    assert compared(FR, DE).agree


def test_a_sentence_that_the_other_version_lacks_is_said_whichever_side_it_is_on() -> None:
    assert only(compared(more(DE, CRITIC), FR)) == ([CRITIC], [])
    assert only(compared(FR, more(DE, CRITIC))) == ([], [CRITIC])


def test_a_sentence_in_two_and_two_in_one_are_no_difference() -> None:
    joined = FR.text.replace("Sarrebruck. Il recevra", "Sarrebruck et recevra")
    assert compared(DE, Version("fr", FR.title, joined)).agree


def test_another_order_of_sentences_is_no_difference() -> None:
    first, second, third = side(FR).sentences
    assert only(compared(DE, Version("fr", FR.title, f"{third} {first} {second}"))) == ([], [])


def test_another_number_and_another_day_are_said_with_their_sentences() -> None:
    wrong = FR.text.replace("15 millions", "50 millions").replace("12 novembre", "13 novembre")
    found = compared(DE, Version("fr", FR.title, wrong))
    assert told(found) == [
        ("date", "12. November", "13 novembre"),
        ("number", "15 Mio", "50 millions"),
    ]
    assert found.right.sentence(found.differs[1].right_at) == "Il recevra 50 millions d'euros d'ici à 2029."
    assert only(found) == ([], [])


def test_another_body_in_the_same_place_is_said() -> None:
    found = compared(DE, Version("fr", FR.title, FR.text.replace("Inria et", "Le CNRS et")))
    assert told(found) == [("name", "Inria", "CNRS")]


def test_a_number_that_the_title_still_says_is_compared_with_the_one_in_its_place() -> None:
    left = Version("de", "Labor erhält 15 Mio. Euro", DE.text)
    right = Version("fr", "Un laboratoire reçoit 15 millions d'euros", FR.text.replace("15 m", "18 m"))
    assert told(compared(left, right)) == [("number", "15 Mio", "18 millions")]


def test_a_cut_text_is_asked_for_nothing_beyond_its_end() -> None:
    cut = Version("fr", FR.title, "Le laboratoire ouvrira le 12 novembre à Sarrebruck. Il recevra 1…")
    found = compared(DE, cut)
    assert found.right.cut
    assert found.agree


def test_what_stands_in_a_cut_text_alone_is_still_said() -> None:
    cut = Version("de", DE.title, f"{CRITIC} {DE.text[:-30]}…")
    assert only(compared(cut, FR))[0] == [CRITIC]


def test_versions_without_text_agree() -> None:
    assert compared(Version("de", DE.title, ""), Version("fr", FR.title, "")).agree


def test_an_abbreviation_ends_no_sentence() -> None:
    assert side(
        Version("de", "Titel", "Das Eidg. Departement des Innern zahlt jährlich 20 Franken mehr.")
    ).sentences == ("Das Eidg. Departement des Innern zahlt jährlich 20 Franken mehr.",)

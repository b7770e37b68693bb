"""Two reports of one event, told apart from those that are near it, with reasons."""

from shared.comparison.fitting import near
from shared.comparison.pair import Verdict, judge, report
from shared.meaning.encoder import the_encoder

DE = (
    "de",
    "Bosch baut Batterien mit Natrium",
    "Bosch steigt in Natriumbatterien ein und baut bei Dünkirchen ein Werk für 900 Millionen Euro. 650 Menschen "
    "sollen dort arbeiten.",
)
FR = (
    "fr",
    "Dunkerque accueille une usine de batteries au sodium",
    "L'équipementier Bosch investira 900 millions d'euros dans les Hauts-de-France. À la clé : 650 emplois.",
)
OTHER = (
    "de",
    "Bosch streicht Stellen in Reutlingen",
    "Bosch will in der Chipfertigung in Reutlingen 300 Stellen abbauen. Der Betriebsrat kündigt Widerstand an.",
)


def judged(one: tuple[str, str, str], other: tuple[str, str, str]) -> Verdict:
    encoder = the_encoder()
    vectors = [encoder.of_item(title, text) for _, title, text in (one, other)]
    return judge(report(*one), report(*other), near(*vectors))


def test_one_event_in_other_words_is_known_by_its_numbers_and_says_so() -> None:
    found = judged(DE, FR)
    assert found.alike
    assert "numbers" in found.reasons
    assert "bosch" in found.names


def test_another_event_of_the_same_body_is_not_it() -> None:
    assert not judged(DE, OTHER).alike
    assert not judged(FR, OTHER).alike


def test_the_order_of_the_two_makes_no_difference() -> None:
    assert judged(DE, FR) == judged(FR, DE)

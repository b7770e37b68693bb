"""What the shipped lexicon makes of typical, hard and hostile texts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.classifier.lexicon.evidence import score
from services.classifier.load import load_model
from services.classifier.model import THRESHOLD, ClassifiableText
from shared.config import Settings
from shared.errors import ConfigError
from shared.themes import themes
from tests.unit.classifier.texts import lexicon, verdict

FILLER = "Am Samstag trafen sich die Nachbarn im Hof und redeten lange über dies und das. "


@pytest.mark.parametrize(
    ("language", "title", "body"),
    [
        ("de", "Mit voller Energie ins neue Jahr", "Der Verein hat viel vor."),
        ("de", "Gesunde Finanzen", "Der Haushalt ist ausgeglichen."),
        ("de", "Gutes Betriebsklima", "Alle kamen zur Feier, das Klima der Gespräche war heiter."),
        ("de", "Souveräner Sieg der Handballer", "Die Mannschaft gewann souverän."),
        ("de", "Die Filmindustrie feiert", "Der rote Teppich war lang."),
        ("fr", "Un climat de confiance", "La réunion était cordiale."),
        ("fr", "Pleine d'énergie sur scène", "La troupe a dansé deux heures."),
        ("fr", "Des finances saines", "Le conseil a voté le budget."),
        ("en", "Healthy finances for the parish", "Reserves grew slightly."),
        ("en", "A climate of trust", "Members thanked the board."),
        ("en", "Full of energy on stage", "The band played until midnight."),
    ],
)
def test_a_figure_of_speech_is_no_theme(language: str, title: str, body: str) -> None:
    assert verdict(title, body, language).themes == ()


SUBJECTS = {
    "energy": (
        "Windpark liefert Strom",
        "Un parc éolien fournit de l'électricité",
        "Wind farm supplies electricity",
    ),
    "health": (
        "Krankenhaus impft Patienten",
        "L'hôpital vaccine les patients",
        "Hospital vaccinates patients",
    ),
    "industry40": (
        "Digitaler Zwilling in der Fabrik",
        "Un jumeau numérique dans l'usine",
        "Digital twin in the factory",
    ),
    "mobility": (
        "Nachtzug ersetzt Flugzeug",
        "Le train remplace l'avion",
        "Night train replaces aircraft",
    ),
    "climate": (
        "Klimawandel und Gletscher",
        "Changement climatique et glaciers",
        "Climate change and glaciers",
    ),
    "security": (
        "Hackerangriff mit Schadsoftware",
        "Cyberattaque au rançongiciel",
        "Ransomware cyberattack",
    ),
    "skills": (
        "Lehrkräfte an der Schule",
        "Les enseignants à l'école",
        "Teachers at school",
    ),
    "startups": (
        "Start-up erhält Wagniskapital",
        "La start-up lève des fonds",
        "Start-up gets venture capital",
    ),
    "compute": (
        "Supercomputer im Rechenzentrum",
        "Un supercalculateur",
        "Supercomputer in the data centre",
    ),
    "regulation": (
        "Gesetzentwurf zum Datenschutz",
        "Projet de loi sur les données personnelles",
        "Data protection law",
    ),
    "research": (
        "Forschende veröffentlichen Studie",
        "Des chercheurs publient une étude",
        "Researchers publish a study",
    ),
    "ai": (
        "Künstliche Intelligenz",
        "L'intelligence artificielle",
        "Artificial intelligence",
    ),
}


@pytest.mark.parametrize("theme", SUBJECTS)
def test_the_same_subject_has_the_same_theme_in_three_languages(theme: str) -> None:
    for language, title in zip(("de", "fr", "en"), SUBJECTS[theme], strict=True):
        assert theme in verdict(title, "", language).themes, title


def test_a_theme_first_named_on_page_two_is_found() -> None:
    second_page = "Der Windpark speist Strom ins Stromnetz. Die Energiewende braucht Netzbetreiber und Speicher. "
    assert verdict("Bericht aus dem Kreistag", FILLER * 30).themes == ()
    assert "energy" in verdict("Bericht aus dem Kreistag", FILLER * 30 + second_page * 3 + FILLER * 10).themes


def test_a_passing_mention_is_no_theme() -> None:
    text = FILLER * 6 + "Auch der Strom fiel kurz aus. " + FILLER * 6
    assert verdict("Nachbarn feiern im Hof", text).themes == ()


def test_a_text_in_another_language_is_read_with_all_terms() -> None:
    found = lexicon().classify(
        ClassifiableText("Il supercomputer JUPITER e le GPU NVIDIA", "Il cloud computing e i data center.", "it")
    )
    assert found.language == "other"
    assert "compute" in found.themes


def test_sovereignty_orders_texts_by_how_far_they_are_about_it() -> None:
    nothing = verdict("Museum zeigt Malerei", "Achtzig Werke sind zu sehen.")
    capacity = verdict("Neues Rechenzentrum in Sachsen", "Der Supercomputer rechnet ab Januar.")
    subject = verdict(
        "Digitale Souveränität: Verwaltung verlässt US-Konzerne",
        "Die souveräne Cloud verringert die Abhängigkeit von Microsoft durch offene Standards.",
    )
    assert nothing.sovereignty == 0 < capacity.sovereignty < 0.5 < subject.sovereignty


def test_sovereignty_of_a_state_is_none_of_its_technology() -> None:
    text = "Die nationale Souveränität und die territoriale Souveränität der Ukraine standen im Mittelpunkt."
    assert verdict("Gespräche über Grenzen", text).sovereignty < 0.1


@pytest.mark.parametrize(
    ("language", "title", "body", "joint"),
    [
        ("de", "Deutsch-französisches Labor eröffnet", "", True),
        ("fr", "Paris et Berlin signent un accord commun", "", True),
        ("en", "Saarbrücken and Nancy work together", "The German and French teams cooperate.", True),
        ("de", "DFKI und Inria entwickeln gemeinsam Prüfverfahren", "", True),
        ("de", "Inflation sinkt", "Sie lag in Deutschland bei 2, in Italien bei 1, in Frankreich bei 3.", False),
        ("fr", "Le chômage recule", "Il atteint 7 % en France. L'Allemagne suivra demain.", False),
        ("en", "Storm crosses Europe", "It moved on from France. Later it reached Germany.", False),
    ],
)  # fmt: skip
def test_naming_both_countries_is_not_yet_franco_german(language: str, title: str, body: str, joint: bool) -> None:
    assert verdict(title, body, language).franco_german is joint


@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_more_evidence_never_lowers_a_score(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= score(low) <= score(high) <= 1
    assert score(1) == THRESHOLD


@settings(max_examples=50)
@given(st.text(max_size=400), st.text(max_size=2000))
def test_any_text_gets_a_verdict_and_always_the_same(title: str, body: str) -> None:
    text = ClassifiableText(title, body)
    found = lexicon().classify(text)
    assert list(found.scores) == list(themes())
    assert all(0 <= value <= 1 for value in found.scores.values())
    assert found.themes == tuple(theme for theme in themes() if found.scores[theme] >= THRESHOLD)
    assert lexicon().classify(text) == found


def test_the_name_of_the_model_says_generation_and_content() -> None:
    assert lexicon().name.startswith("lexicon-1.")
    assert verdict("Strom").model == lexicon().name


def test_the_lexicon_can_be_asked_for_by_name() -> None:
    assert load_model(Settings(model="lexicon")).name == lexicon().name


def test_a_model_that_nobody_knows_is_an_error_that_says_what_is_known() -> None:
    with pytest.raises(ConfigError, match="Write lexicon, hf:ORG/NAME"):
        load_model(Settings(model="lexikon"))

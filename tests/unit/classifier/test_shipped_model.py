"""The shipped model on texts of every kind: a verdict as the contract wants it, the same each time."""

import subprocess
import sys
import time
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from services.classifier.labels import labels
from services.classifier.lexicon.load import load_lexicon
from services.classifier.model import THRESHOLD, ClassifiableText
from services.classifier.shipped import artefact
from services.classifier.shipped.load import load_shipped
from services.classifier.shipped.model import ShippedModel
from shared.items import Verdict
from shared.meaning.encoder import the_encoder
from shared.text.organisations import load_gazetteer
from shared.themes import themes

HYDROGEN = {
    "de": ("Wasserstoffkernnetz genehmigt", "Die Bundesnetzagentur erlaubt neue Leitungen für Wasserstoff."),
    "fr": ("Hydrogène : le réseau est autorisé", "La CRE a autorisé un réseau de transport d’hydrogène."),
    "en": ("Hydrogen network approved", "The regulator has approved the construction of hydrogen pipelines."),
}  # fmt: skip
FILLER = "Die Gäste wurden im Foyer begrüßt, danach gab es Kaffee und Kuchen für alle Beteiligten. "
LATE = (
    "Auf dem Gelände entsteht zudem ein Windpark mit zwölf Anlagen, der Strom für 20.000 Haushalte erzeugt; "
    "der Netzbetreiber baut dafür ein Umspannwerk und einen Batteriespeicher."
)


@cache
def model() -> ShippedModel:
    return load_shipped()


def verdict(title: str, body: str = "", language: str = "de") -> Verdict:
    return model().classify(ClassifiableText(title, body, languages=(language,)))


@pytest.mark.parametrize("language", HYDROGEN)
def test_the_same_news_gets_the_same_theme_in_each_language(language: str) -> None:
    found = verdict(*HYDROGEN[language], language)
    assert "energy" in found.themes
    assert found.language == language


@pytest.mark.parametrize(
    ("title", "theme"),
    [
        ("Krankenhäuser fordern mehr Pflegekräfte", "health"),
        ("Neues KI-Rechenzentrum in Jülich", "compute"),
        ("Cyberattaque contre un hôpital", "security"),
        ("Digital twin controls paint shop", "industry40"),
    ],
)
def test_a_title_of_few_words_is_enough(title: str, theme: str) -> None:
    assert theme in model().classify(ClassifiableText(title)).themes


@pytest.mark.parametrize(
    "text", ["", " \n ", "🎉🎉🎉", "!!! --- ???", "\u200b", "x" * 5_000, "日本の経済について"]
)
def test_what_is_hardly_a_text_gets_a_verdict_without_a_theme(text: str) -> None:
    for found in (verdict(text), verdict("", text)):
        assert found.themes == ()
        assert set(found.scores) == set(themes())


def test_a_verdict_is_whole() -> None:
    found = verdict(*HYDROGEN["de"])
    assert set(found.themes) == {theme for theme, score in found.scores.items() if score >= THRESHOLD}
    assert {reason.label for reason in found.reasons} >= set(found.themes)
    assert {reason.label for reason in found.reasons} <= set(labels())
    text = "\n".join(HYDROGEN["de"])
    assert all(reason.passage in text and 0 <= reason.weight <= 1 for reason in found.reasons)
    assert found.model == model().name


def test_the_same_text_gets_the_same_verdict_whatever_came_before() -> None:
    first = verdict(*HYDROGEN["fr"], "fr")
    verdict("Anderes", FILLER * 30)
    assert verdict(*HYDROGEN["fr"], "fr") == first


def test_a_theme_first_named_on_page_two_is_found_and_explained() -> None:
    title = "Gemeinde feiert Jubiläum der Stadthalle"
    assert "energy" not in verdict(title, FILLER * 30).themes
    found = verdict(title, FILLER * 15 + "\n\n" + LATE + "\n\n" + FILLER * 15)
    assert "energy" in found.themes
    assert all(reason.passage in LATE for reason in found.reasons if reason.label == "energy")


def test_a_near_miss_says_what_spoke_for_it() -> None:
    body = (
        "Das Forschungszentrum Jülich und das CEA bauen gemeinsam einen Supercomputer. Deutschland und Frankreich "
        "teilen sich die Kosten; der Strom kommt aus Windkraft."
    )
    title = "Neues Rechenzentrum in Jülich: europäische KI ohne Abhängigkeit von US-Clouds"
    text = ClassifiableText(title, body)
    given = model().classify(text)
    assert model().why_not(text)
    for miss in model().why_not(text):
        assert miss.label not in given.themes
        assert miss.score == given.scores[miss.label]
        assert miss.missing == pytest.approx(THRESHOLD - miss.score)
        assert miss.reasons


def test_a_megabyte_of_text_is_read_in_bounded_time() -> None:
    began = time.monotonic()
    assert verdict("Jubiläum", FILLER * 12_000).themes == ()
    assert time.monotonic() - began < 60  # a bound against running away, no measure of speed


def test_torch_is_not_needed() -> None:
    code = (
        "import sys; from services.classifier.shipped.load import load_shipped; "
        "from services.classifier.model import ClassifiableText; "
        "load_shipped().classify(ClassifiableText('Windpark')); "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_heads_that_were_fitted_without_the_encoder_do_not_ask_it() -> None:
    loaded = artefact.load()
    heads = replace(loaded.heads, encoder=np.zeros_like(loaded.heads.encoder))
    blind = ShippedModel(
        replace(loaded, heads=heads, encoder=None),  # type: ignore[arg-type]
        load_lexicon(),
        load_gazetteer(),
        the_encoder(),
    )
    found = blind.classify(ClassifiableText(*HYDROGEN["de"], languages=("de",)))
    assert "energy" in found.themes
    assert all(any(reason.label == theme for reason in found.reasons) for theme in found.themes)

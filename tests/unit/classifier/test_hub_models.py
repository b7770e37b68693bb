"""Any model by configuration: tiny ones with known words, read as the real ones are."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.classifier.hub.model import LATER, HubModel
from services.classifier.load import load_model
from services.classifier.model import ClassifiableText, Model
from shared.config import Settings
from shared.items import Verdict
from shared.themes import themes
from tests.unit.classifier.texts import lexicon
from tests.unit.classifier.tiny_models import inference_model, sequence_classifier

Build = Callable[[Path], Path]
LONG = "Das Haus ist neu und die Straße davor auch. "
BOTH = [sequence_classifier, inference_model]


def loaded(folder: Path, options: str = "") -> Model:
    """The model of a folder, read with these options."""
    file = folder.parent / "options.toml"
    file.write_text(options, "utf-8")
    return load_model(Settings(model=str(folder), model_options=file))


def said(model: Model, title: str, body: str = "") -> Verdict:
    return model.classify(ClassifiableText(title, body, languages=("de",)))


@pytest.mark.parametrize("build", BOTH)
def test_a_model_gives_the_themes_that_it_finds(build: Build, tmp_path: Path) -> None:
    model = loaded(build(tmp_path / "tiny"))
    assert isinstance(model, HubModel)
    assert said(model, "Der Windpark").themes == ("energy",)
    assert said(model, "Neu", "Die Klinik baut. Der Strom fließt.").themes == ("energy", "health")
    assert said(model, "Das Haus").themes == ()


@pytest.mark.parametrize("build", BOTH)
def test_scores_are_what_the_model_said(build: Build, tmp_path: Path) -> None:
    scores = said(loaded(build(tmp_path / "tiny")), "Der Windpark").scores
    assert scores["energy"] == pytest.approx(0.9526, abs=1e-4)
    assert scores["health"] == pytest.approx(0.0474, abs=1e-4)
    assert tuple(scores) == tuple(themes())


@pytest.mark.parametrize("build", BOTH)
def test_a_sentence_that_carries_a_theme_is_its_reason_word_for_word(build: Build, tmp_path: Path) -> None:
    body = 'Die Straße ist neu.\n"Der Windpark   liefert viel", sagte sie. Das Haus ist auch neu.'
    (reason,) = said(loaded(build(tmp_path / "tiny")), "Neu", body).reasons
    assert reason.label == "energy"
    assert reason.passage == '"Der Windpark   liefert viel", sagte sie.'
    assert reason.weight == 1.0


def test_weights_are_shares_of_what_the_score_loses(tmp_path: Path) -> None:
    model = loaded(sequence_classifier(tmp_path / "tiny"))
    reasons = said(model, "Strom", "Der Windpark und der Strom in der Stadt. Das Haus in der Stadt.").reasons
    assert [reason.passage for reason in reasons] == ["Der Windpark und der Strom in der Stadt.", "Strom"]
    assert sum(reason.weight for reason in reasons) == pytest.approx(1.0, abs=1e-3)
    assert reasons[0].weight > reasons[1].weight


def test_where_no_sentence_is_missed_the_one_that_says_it_best_alone_is_the_reason(tmp_path: Path) -> None:
    many = "Der Windpark baut Strom, Energie und Strom. "
    (reason,) = said(loaded(sequence_classifier(tmp_path / "tiny")), "Das Haus", many * 3).reasons
    assert reason.passage == many.strip()


@pytest.mark.parametrize("build", BOTH)
def test_a_theme_that_is_first_named_on_page_two_is_found_and_weighs_less(build: Build, tmp_path: Path) -> None:
    model = loaded(build(tmp_path / "tiny"))
    verdict = said(model, "Neu", LONG * 20 + "Der Windpark liefert. " + LONG * 5)
    assert verdict.themes == ("energy",)
    assert verdict.scores["energy"] == pytest.approx(0.9526 * LATER, abs=1e-4)
    assert [reason.passage for reason in verdict.reasons] == ["Der Windpark liefert."]


@pytest.mark.parametrize("build", BOTH)
@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("", ""),
        (" \n", "\t"),
        ("😀🎉", "🚀" * 5000),
        ("Windpark " * 50_000, LONG),
        ("x", "a" * 1_000_000),
        ("x", "Strom. " * 140_000),
        ("Новый ветропарк", "Это новый ветропарк."),
    ],
    ids=["empty", "blank", "emoji", "long title", "1 MB in a word", "1 MB of sentences", "another language"],
)
def test_every_text_gets_a_verdict_with_reasons_of_its_own_words(
    build: Build, title: str, body: str, tmp_path: Path
) -> None:
    verdict = loaded(build(tmp_path / "tiny")).classify(ClassifiableText(title, body))
    assert {reason.label for reason in verdict.reasons} >= set(verdict.themes)
    assert all(reason.passage in title or reason.passage in body for reason in verdict.reasons)


def test_labels_that_the_model_lacks_come_from_the_lexicon(tmp_path: Path) -> None:
    model = loaded(sequence_classifier(tmp_path / "tiny"))
    text = ClassifiableText(
        "Künstliche Intelligenz: Deutschland und Frankreich vereinbaren gemeinsames Programm",
        "Das DFKI und Inria arbeiten an digitaler Souveränität. Der Windpark liefert Strom.",
    )
    verdict, by_lexicon = model.classify(text), lexicon().classify(text)
    assert "ai" in by_lexicon.themes
    assert "ai" in verdict.themes
    assert verdict.scores["ai"] == by_lexicon.scores["ai"]
    assert (verdict.sovereignty, verdict.franco_german) == (by_lexicon.sovereignty, by_lexicon.franco_german)
    assert (verdict.language, verdict.organisations) == (by_lexicon.language, by_lexicon.organisations)
    assert [r for r in verdict.reasons if r.label == "ai"] == [r for r in by_lexicon.reasons if r.label == "ai"]


def test_a_label_can_be_left_to_the_lexicon(tmp_path: Path) -> None:
    model = loaded(inference_model(tmp_path / "tiny"), 'lexicon = ["energy"]')
    assert said(model, "Neu in der Klinik", "Der Windpark.").scores["energy"] != pytest.approx(0.9526, abs=1e-4)


def test_a_hypothesis_is_asked_in_the_language_of_the_text_and_can_be_replaced(tmp_path: Path) -> None:
    own = """
    [hypotheses.mobility]
    de = "Es geht um Strom."
    fr = "Le haus."
    en = "The haus."
    """
    model = loaded(inference_model(tmp_path / "tiny"), own)
    assert said(model, "Der Windpark").themes == ("energy", "mobility")
    assert model.classify(ClassifiableText("Le windpark", languages=("fr",))).themes == ("energy",)


def test_own_labels_stand_for_ours_and_the_highest_of_several_counts(tmp_path: Path) -> None:
    folder = sequence_classifier(tmp_path / "tiny", ("Kraftwerke", "LABEL_1"))
    model = loaded(folder, 'labels = {"Kraftwerke" = "climate", "LABEL_1" = "climate"}')
    verdict = said(model, "Der Windpark")
    assert "climate" in verdict.themes
    assert verdict.scores["climate"] == pytest.approx(0.9526, abs=1e-4)


def test_labels_that_are_called_like_a_theme_need_no_map(tmp_path: Path) -> None:
    model = loaded(sequence_classifier(tmp_path / "tiny", ("Énergie", "Gesundheit")))
    assert said(model, "Die Klinik").themes == ("health",)


def test_sovereignty_and_the_flag_can_come_from_the_model(tmp_path: Path) -> None:
    model = loaded(sequence_classifier(tmp_path / "tiny", ("sovereignty", "franco_german")))
    verdict = said(model, "Strom", "Klinik.")
    assert verdict.sovereignty == pytest.approx(0.9526, abs=1e-4)
    assert verdict.franco_german
    last = [(reason.label, reason.passage) for reason in verdict.reasons][-2:]
    assert last == [("sovereignty", "Strom"), ("franco_german", "Klinik.")]


def test_a_threshold_holds_for_all_labels_or_for_one(tmp_path: Path) -> None:
    folder = sequence_classifier(tmp_path / "tiny")
    title = "Strom der Klinik"
    assert said(loaded(folder, "threshold = 0.97"), title).themes == ()
    assert said(loaded(folder, "thresholds = {energy = 0.97}"), title).themes == ("health",)


def test_why_not_names_a_theme_just_below_its_threshold_with_what_spoke_for_it(tmp_path: Path) -> None:
    model = loaded(sequence_classifier(tmp_path / "tiny"), "thresholds = {energy = 0.97}")
    misses = model.why_not(ClassifiableText("Das Haus ist neu", "Der Windpark.", languages=("de",)))
    (energy,) = [miss for miss in misses if miss.label == "energy"]
    assert energy.missing == pytest.approx(0.0174, abs=1e-4)
    assert [reason.passage for reason in energy.reasons] == ["Der Windpark."]


def test_labels_that_exclude_each_other_share_one_softmax(tmp_path: Path) -> None:
    folder = sequence_classifier(tmp_path / "tiny", problem_type="single_label_classification")
    assert said(loaded(folder), "Strom der Klinik").scores["energy"] == pytest.approx(0.5, abs=1e-4)
    assert said(loaded(folder, 'activation = "sigmoid"'), "Strom der Klinik").scores["energy"] > 0.9


def test_an_inference_model_with_nameless_labels_needs_one_word_of_configuration(tmp_path: Path) -> None:
    folder = inference_model(tmp_path / "tiny", ("entailment", "not_entailment"))
    renamed = (folder / "config.json").read_text("utf-8").replace("not_entailment", "LABEL_1")
    (folder / "config.json").write_text(renamed.replace("entailment", "LABEL_0"), "utf-8")
    model = loaded(folder, 'kind = "zero-shot-nli"\nentailment = "LABEL_0"')
    assert said(model, "Der Windpark").themes == ("energy",)


def test_the_name_changes_with_files_and_options_that_change_verdicts(tmp_path: Path) -> None:
    folder = sequence_classifier(tmp_path / "tiny")
    name = loaded(folder).name
    assert name.startswith("tiny@")
    assert loaded(folder, 'device = "cpu"\noffline = true').name == name
    assert loaded(folder, "threshold = 0.6").name != name
    assert loaded(folder, "max_tokens = 64").name != name
    other = loaded(sequence_classifier(tmp_path / "tiny", ("health", "energy"))).name
    assert other.partition(".")[0] != name.partition(".")[0]


def test_the_same_text_gets_the_same_verdict(tmp_path: Path) -> None:
    model = loaded(inference_model(tmp_path / "tiny"))
    text = ClassifiableText("Neu in der Klinik", LONG * 30 + "Strom.")
    assert model.classify(text) == model.classify(text)

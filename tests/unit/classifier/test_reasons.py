"""Every label says why, in the item's own words."""

from hypothesis import given, settings
from hypothesis import strategies as st

from services.classifier.explain import REASONS_PER_LABEL
from services.classifier.model import THRESHOLD, ClassifiableText
from shared.items import Verdict
from tests.unit.classifier.texts import WRITTEN, lexicon, records, verdict

WORDS = st.sampled_from(
    "Energie Strom KI Klinik Patienten Fabrik Roboter Klimawandel Gesetz Cloud souveräne Chips Frankreich".split()
    + "Deutschland gemeinsam und der die . – „Zitat“ (AI) Studie, l'énergie Start-up Forschende Haus".split()
    + ["\n", "\t", ""]
)
TEXTS = st.lists(WORDS, max_size=60).map(" ".join) | st.text(max_size=300)


def assert_explained(found: Verdict, title: str, body: str) -> None:
    by_label = {
        label: [r for r in found.reasons if r.label == label] for label in {r.label for r in found.reasons}
    }
    assert by_label.keys() >= set(found.themes)
    assert ("sovereignty" in by_label) == (found.sovereignty >= 0.25)
    assert ("franco_german" in by_label) == found.franco_german
    for reasons in by_label.values():
        assert len(reasons) <= REASONS_PER_LABEL
        assert sum(reason.weight for reason in reasons) <= 1.001
        assert [r.weight for r in reasons] == sorted((r.weight for r in reasons), reverse=True)
        for reason in reasons:
            assert reason.weight > 0
            assert reason.passage
            assert reason.passage in title or reason.passage in body


@settings(max_examples=150)
@given(TEXTS, TEXTS)
def test_every_passage_stands_word_for_word_in_title_or_text(title: str, body: str) -> None:
    assert_explained(lexicon().classify(ClassifiableText(title, body, languages=("de",))), title, body)


def test_the_written_items_are_explained_too() -> None:
    for item in records(WRITTEN):
        assert_explained(verdict(item["title"], item["text"], item["lang"]), item["title"], item["text"])


def test_a_passage_is_a_few_words_not_the_text() -> None:
    text = (
        "Der Rat tagte. Danach stellte die Stadt ihre neue Photovoltaikanlage auf dem Dach der Schule vor. Ende."
    )
    found = verdict("Photovoltaikanlage fertig", text)
    passages = [reason.passage for reason in found.reasons if reason.label == "energy"]
    assert passages == ["Photovoltaikanlage fertig", "Stadt ihre neue Photovoltaikanlage auf dem Dach"]


def test_a_theme_just_missed_says_what_spoke_for_it() -> None:
    text = ClassifiableText(
        "Nachbarn feiern", "Der Strom fiel aus. " + "Alle sangen weiter. " * 12, languages=("de",)
    )
    assert "energy" not in lexicon().classify(text).themes
    miss = next(miss for miss in lexicon().why_not(text) if miss.label == "energy")
    assert 0 < miss.score < THRESHOLD
    assert miss.missing == round(THRESHOLD - miss.score, 4)
    assert miss.reasons[0].passage in text.body


def test_what_nothing_speaks_for_is_no_near_miss() -> None:
    assert lexicon().why_not(ClassifiableText("Konzert im Park", "Der Eintritt ist frei.")) == ()

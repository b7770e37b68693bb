"""The parts of the shipped model that need no model: windows, buckets, heads, passages."""

import numpy as np
import pytest

from services.classifier.labels import labels
from services.classifier.lexicon.evidence import Part
from services.classifier.model import ClassifiableText
from services.classifier.shipped import heads as linear
from services.classifier.shipped.heads import Heads
from services.classifier.shipped.ngrams import BUCKETS, TITLE, buckets, word_buckets
from services.classifier.shipped.passages import MOST, Words, reasons
from services.classifier.shipped.windows import READ, SIZE, windows
from shared.text.fold import tokens
from tests.unit.classifier.texts import lexicon

ENERGY = labels().index("energy")


def some_heads(seed: int = 0) -> Heads:
    draw = np.random.default_rng(seed)
    count = len(labels())
    return Heads(
        labels=labels(),
        encoder=draw.normal(size=(count, 8)).astype(np.float32),
        mean=draw.normal(size=8).astype(np.float32) / 10,
        meaning=draw.normal(size=(count, 6)).astype(np.float32),
        usual=draw.normal(size=6).astype(np.float32) / 10,
        lexicon=draw.normal(size=(count, count)).astype(np.float32),
        ngrams=draw.normal(size=(BUCKETS, count)).astype(np.float16),
        rarity=draw.uniform(0.5, 3, BUCKETS).astype(np.float16),
        bias=draw.normal(size=count).astype(np.float32),
    )


def part(text: str) -> Part:
    return Part(text, tokens(text), ())


# ---- windows


@pytest.mark.parametrize("length", [0, 1, SIZE, SIZE + 1, 5 * SIZE])
def test_windows_are_the_text(length: int) -> None:
    text = ("Die Anlage liefert Strom. " * 400)[:length]
    assert "".join(text[w.start : w.end] for w in windows(text)) == text
    assert all(w.end - w.start <= SIZE for w in windows(text))


def test_a_window_ends_with_a_paragraph_rather_than_in_a_sentence() -> None:
    text = "a" * 200 + ". " + "b " * 100 + "\n\n" + "c. " * 200
    assert text[: windows(text)[0].end].endswith("\n\n")


def test_a_text_without_a_space_is_cut_all_the_same() -> None:
    assert [w.end - w.start for w in windows("x" * (2 * SIZE))] == [SIZE, SIZE]


def test_what_lies_behind_the_limit_is_not_read() -> None:
    assert windows("wort " * READ)[-1].end <= READ


# ---- hashed n-grams


def test_words_with_a_common_stem_share_buckets() -> None:
    one, other = set(word_buckets("wasserstoff")), set(word_buckets("wasserstoffs"))
    assert len(one & other) > len(one) / 2


def test_a_bucket_counts_once_however_often_it_stands_and_more_in_a_title() -> None:
    found = buckets(["strom"], ["strom", "strom", "netz"])
    for number in np.unique(found.numbers):
        share = found.shares[found.numbers == number].sum()
        assert share == pytest.approx(TITLE if number in word_buckets("strom") else 1.0)


def test_a_text_without_words_has_no_buckets() -> None:
    assert len(buckets([], []).numbers) == 0
    assert linear.ngram_logits(some_heads(), buckets([], [])) == pytest.approx(np.zeros(len(labels())))


# ---- the decomposition adds up


def test_what_the_words_add_is_what_the_ngrams_add() -> None:
    heads, found = some_heads(), buckets(["neue", "netze"], ["strom", "und", "strom", "netze"])
    assert linear.ngrams_by_word(heads, found, 6).sum(0) == pytest.approx(
        linear.ngram_logits(heads, found), abs=1e-3
    )


def test_what_the_tokens_add_is_what_the_pooled_vector_adds_beyond_the_average() -> None:
    heads, vectors = some_heads(), np.random.default_rng(1).normal(size=(9, 8)).astype(np.float32)
    expected = heads.encoder @ (linear.pooled(vectors) - heads.mean)
    assert linear.encoder_by_token(heads, vectors).sum(0) == pytest.approx(expected, abs=1e-4)


def test_what_the_terms_add_is_what_the_evidence_adds_beyond_none() -> None:
    heads = some_heads()
    text = ClassifiableText("Wasserstoff für Stahlwerke", "Der Wasserstoff kommt aus einem Windpark.")
    reading = lexicon().read(text, "de")
    words = len(reading.title.words) + len(reading.body.words)
    none = linear.lexicon_features({}, labels())
    expected = heads.lexicon @ (linear.lexicon_features(reading.findings, labels()) - none)
    added = linear.lexicon_by_word(heads, reading.findings, reading.title, words)
    assert added.sum(0) == pytest.approx(expected, abs=1e-3)
    assert added[1 + len(reading.title.words)].any()  # the second mention has its share


# ---- passages


def amounts_for(words: Words, **by_word: float) -> np.ndarray:
    surfaces = [word.surface for word in (*words.title.words, *words.body.words)]
    return np.array([by_word.get(surface, 0.0) for surface in surfaces], np.float32)


def test_neighbours_make_one_passage_and_the_heaviest_stands_first() -> None:
    words = Words(part("Zwei neue Windparks"), part("Der Verbund baut Speicher und Netze. " + "Wort " * 30))
    found = reasons("energy", words, amounts_for(words, neue=1, Windparks=3, Netze=2), 5.5)
    assert [(r.passage, r.weight) for r in found] == [
        ("Zwei neue Windparks", 0.6667),
        ("Speicher und Netze", 0.3333),
    ]


def test_a_small_word_between_two_heavy_ones_is_read_along() -> None:
    words = Words(part("KI im Krankenhaus"), part("Wort " * 40))
    found = reasons("health", words, amounts_for(words, KI=1, Krankenhaus=3), 3.5)
    assert [r.passage for r in found] == ["KI im Krankenhaus"]


def test_no_passage_runs_from_the_title_into_the_body() -> None:
    words = Words(part("Mehr Strom"), part("Strom aus Wind " + "Wort " * 30))
    found = reasons("energy", words, amounts_for(words, Strom=2), 9.0)
    assert [r.passage for r in found] == ["Strom", "Strom aus Wind"]


@pytest.mark.parametrize(
    ("text", "heavy", "passage"),
    [
        (
            "Der Bund fördert das nationale Forschungszentrum für Batterien.",
            "Batterien",
            "Forschungszentrum für Batterien",
        ),
        ("Das ist der Strom, der nun fehlt.", "Strom", "Strom"),
        ("La transition énergétique de la région avance", "énergétique", "transition énergétique"),
        ("They sell the power of the sea", "power", "sell the power"),
        ("Die KI hilft", "KI", "KI hilft"),
        ("Er kauft (neue Netze) und Gas", "Netze", "neue Netze"),
        ("La SNCF va supprimer des liaisons", "SNCF", "SNCF va supprimer"),
        ("Les trains low-cost entre Paris et Nancy", "low", "trains low-cost"),
        ("Les batteries Li-ion de demain", "Li", "batteries Li-ion"),
        ("Die Bedeutung naturnaher Lebensräume steigt", "naturnaher", "Bedeutung naturnaher Lebensräume"),
        ("Wann Kranke zum Arzt sollten", "Arzt", "Kranke zum Arzt"),
        ("Virus disproportionately affecting the poor", "Virus", "Virus disproportionately affecting"),
        ("Le parc procure de l’électricité à la région", "électricité", "électricité"),
    ],
)
def test_a_passage_is_a_phrase_that_small_words_do_not_begin_or_end(text: str, heavy: str, passage: str) -> None:
    words = Words(part(""), part(text))
    assert [r.passage for r in reasons("energy", words, amounts_for(words, **{heavy: 3}), 2.5)] == [passage]


def test_no_more_is_shown_than_is_needed_to_lose_the_label() -> None:
    words = Words(part("Strom"), part("Wind Gas Netz " + "Wort " * 60))
    found = reasons("energy", words, amounts_for(words, Strom=5, Wind=4, Gas=1, Netz=1), 4.0)
    assert [r.passage for r in found] == ["Strom"]


def test_reasons_take_a_small_share_of_a_text() -> None:
    words = Words(part(""), part("Strom " * 200))
    found = reasons("energy", words, np.ones(200, np.float32), 300.0)
    assert sum(len(r.passage.split()) for r in found) <= MOST * 200


def test_a_label_that_no_word_speaks_for_still_has_a_passage() -> None:
    words = Words(part("Neues aus dem Haus"), part(""))
    assert reasons("energy", words, np.full(4, -1, np.float32), 0.1)


def test_a_text_without_words_has_no_reasons() -> None:
    assert reasons("energy", Words(part(""), part("")), np.zeros(0, np.float32), 1.0) == ()

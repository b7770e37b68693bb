"""What the sentences of an item mean is a part of its tags, and is taken apart exactly like the others."""

from functools import cache

import numpy as np
import pytest

from services.classifier.labels import labels
from services.classifier.lexicon.evidence import Part
from services.classifier.lexicon.load import load_lexicon
from services.classifier.model import ClassifiableText
from services.classifier.shipped import artefact
from services.classifier.shipped import heads as linear
from services.classifier.shipped.artefact import Artefact
from services.classifier.shipped.load import load_shipped
from services.classifier.shipped.model import sentence
from services.classifier.shipped.ngrams import buckets
from services.classifier.shipped.passages import Words
from services.classifier.shipped.said import meaning_by_word, said
from services.classifier.shipped.windows import windows
from shared.meaning.encoder import the_encoder
from shared.meaning.sentences import sentences
from shared.text.fold import tokens

TITLE = "Wasserstoffkernnetz genehmigt"
BODY = "Die Bundesnetzagentur erlaubt neue Leitungen. Am 12. Mai wird gebaut! Der Strom kommt aus Windparks."

LONG = "Die Netzagentur erlaubt neue Leitungen für Wasserstoff in acht Ländern, und der Bund gibt Geld dazu. " * 9


@cache
def loaded() -> Artefact:
    return artefact.load()


def part(text: str) -> Part:
    return Part(text, tokens(text), ())


@pytest.mark.parametrize(("title", "body"), [(TITLE, BODY), ("", BODY), (TITLE, ""), ("Und", "Die der das.")])
def test_what_its_sentences_add_is_shared_out_among_the_words(title: str, body: str) -> None:
    words, heads = Words(part(title), part(body)), loaded().heads
    found = said(the_encoder(), words.title, words.body)
    whole = heads.meaning @ (found.vectors.mean(0) - heads.usual)
    assert meaning_by_word(heads, found, words).sum(0) == pytest.approx(whole, abs=1e-4)


def test_a_sentence_goes_to_its_own_words_and_not_to_small_ones() -> None:
    words, heads = Words(part(TITLE), part(BODY)), loaded().heads
    found = said(the_encoder(), words.title, words.body)
    amounts = meaning_by_word(heads, found, words)
    die, behoerde, strom = amounts[2], amounts[3], amounts[-4]
    assert not die.any()
    assert behoerde == pytest.approx(linear.meaning_by_sentence(heads, found.vectors)[1] / 4, abs=1e-5)
    assert not np.allclose(behoerde, strom)


def test_a_text_without_words_says_nothing() -> None:
    found = said(the_encoder(), part(" "), part("\u2026"))
    assert linear.meaning_by_sentence(loaded().heads, found.vectors).sum(0).tolist() == [0.0] * len(labels())
    assert meaning_by_word(loaded().heads, found, Words(part(" "), part("\u2026"))).shape == (0, len(labels()))


def test_all_that_the_parts_add_is_the_logit() -> None:
    model, heads = load_shipped(), loaded().heads
    text = ClassifiableText(TITLE, BODY, "de", ("de",))
    reading = load_lexicon().read(text, "de")
    words = Words(reading.title, reading.body)
    found = buckets(*([word.folded for word in part.words] for part in (reading.title, reading.body)))
    none = linear.lexicon_features({}, labels())
    base = heads.bias + heads.lexicon @ none + heads.encoder @ heads.mean + heads.meaning @ heads.usual
    by_word = linear.lexicon_by_word(heads, reading.findings, reading.title, len(words))
    by_word += linear.ngrams_by_word(heads, found, len(words))
    by_word += meaning_by_word(heads, said(the_encoder(), reading.title, reading.body), words)
    by_token = linear.encoder_by_token(heads, loaded().encoder.encode(sentence(TITLE, BODY)).vectors)
    assert base + by_word.sum(0) + by_token.sum(0) == pytest.approx(model.windows_of(text)[0], abs=1e-3)


def test_the_sentences_weigh_in_the_shipped_heads() -> None:
    heads = loaded().heads
    energy = labels().index("energy")
    near = the_encoder().vectors(["Le réseau électrique est développé.", "Das Spiel endete eins zu null."])
    apart = (near - heads.usual) @ heads.meaning[energy]
    assert apart[0] > apart[1] + 0.3


@pytest.mark.parametrize("text", [BODY, LONG])
def test_an_item_s_lead_is_read_once_for_its_tags_and_for_what_is_kept(text: str) -> None:
    window = part(text[: windows(text)[0].end])
    found = said(the_encoder(), part(TITLE), window, text)
    assert np.shares_memory(found.vectors, the_encoder().item(TITLE, sentences(text)))
    assert len(found.vectors) == 1 + len(found.sentences)
    assert found.sentences[-1].start < len(window.text)


def test_what_begins_behind_the_window_does_not_count() -> None:
    window = part(LONG[: windows(LONG)[0].end])
    assert len(said(the_encoder(), part(TITLE), window, LONG).sentences) < len(sentences(LONG))

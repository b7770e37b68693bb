"""What the sentences of a window mean, as vectors, and what each of them adds to a label.

The same vectors are kept beside the item: with the first window the whole lead is read, once for both.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from services.classifier.lexicon.evidence import Part
from services.classifier.shipped.heads import Heads, Matrix, meaning_by_sentence
from services.classifier.shipped.passages import Words
from services.classifier.shipped.windows import windows
from shared.meaning.encoding import Encoder
from shared.meaning.sentences import Sentence, placed


@dataclass(frozen=True, slots=True)
class Said:
    """`vectors` (sentences, M): that of the title, where there is one, then those of the body's `sentences`."""

    vectors: Matrix
    titled: bool
    sentences: tuple[Sentence, ...]


def said(encoder: Encoder, title: Part, body: Part, text: str = "") -> Said:
    """What title and body say; nothing where they have no letters. `text` is that of which `body` is the first
    window: its lead is read, and what begins in the window counts."""
    lead, titled = placed(text or body.text), any(map(str.isalnum, title.text))
    sentences = tuple(sentence for sentence in lead if sentence.start < len(body.text))
    found = encoder.item(title.text, [sentence.words for sentence in lead])[: 1 + len(sentences)]
    return Said(found if titled else found[1:], titled, sentences)


def meanings(encoder: Encoder, title: str, text: str) -> Matrix:
    """The vectors of the first window alone; at least one."""
    body = Part(text[: windows(text)[0].end], (), ())
    found = said(encoder, Part(title, (), ()), body, text).vectors
    return found if len(found) else encoder.item(title, ())


def meaning_by_word(heads: Heads, found: Said, words: Words) -> Matrix:
    """What the sentences add beyond the usual text, by word, shape (words, L): a sentence's part goes to its words
    in equal shares, but to none that carries no meaning of its own."""
    amounts = np.zeros((len(words), len(heads.labels)), np.float32)
    parts = meaning_by_sentence(heads, found.vectors)
    for part, places in zip(parts, _places(found, words), strict=True):
        telling = [word for word in places if not words.small(word)] or places
        amounts[telling] += part / max(1, len(telling))
    return amounts


def _places(found: Said, words: Words) -> Iterator[list[int]]:
    """The words of each sentence."""
    offset = len(words.title.words)
    if found.titled:
        yield list(range(offset))
    for sentence in found.sentences:
        yield [
            offset + number
            for number, word in enumerate(words.body.words)
            if sentence.start <= word.start < sentence.end
        ]

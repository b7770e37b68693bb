"""The model that Vigie ships: a lexicon, hashed n-grams and two small encoders under linear heads.

A text is read in windows, each behind the title. The lexicon and the n-grams read all of them; the encoders, which
cost most, the first and those of the others in which they hint at something new. A label's score is that of the
window that says most, the later ones at a discount.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.classifier.lexicon.model import LexiconModel, Reading
from services.classifier.model import FRANCO_GERMAN, SOVEREIGNTY, THRESHOLD, ClassifiableText, NearMiss
from services.classifier.shipped import heads as linear
from services.classifier.shipped.artefact import Artefact
from services.classifier.shipped.encoder import Encoded
from services.classifier.shipped.ngrams import Buckets, buckets
from services.classifier.shipped.passages import Words, reasons
from services.classifier.shipped.said import Said, meaning_by_word, said
from services.classifier.shipped.windows import windows
from shared.items import Reason, Verdict
from shared.meaning.encoding import Encoder
from shared.text.fold import Token
from shared.text.language import identify
from shared.text.organisations import Gazetteer
from shared.themes import themes

SOVEREIGNTY_REASONS_FROM: Final = 0.25
_CLOSER: Final = 6  # windows behind the first that the encoder reads, at most
_HINT: Final = -2.0  # the logit from which on lexicon and n-grams hint at a label
_NEAR: Final = 0.1  # the score from which on a theme that was not given is worth a word

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Look:
    """A window as it was read. `logits` (labels,) are its own; those of later windows carry the discount."""

    reading: Reading
    found: Buckets
    encoded: Encoded | None
    said: Said | None
    logits: Matrix


class ShippedModel:
    """See the port."""

    def __init__(self, artefact: Artefact, lexicon: LexiconModel, gazetteer: Gazetteer, meaning: Encoder) -> None:
        self.name = f"{artefact.name}+{lexicon.name.rpartition('.')[2]}"
        self._heads, self._encoder, self._later = artefact.heads, artefact.encoder, artefact.later
        self._lexicon, self._gazetteer, self._meaning = lexicon, gazetteer, meaning
        self._encodes = bool(artefact.heads.encoder.any())  # heads that were fitted without it need no vectors

    def rest(self) -> None:
        """Give up what the next text can load again."""
        self._encoder.rest()

    def classify(self, text: ClassifiableText) -> Verdict:
        """See the port."""
        language = _language(text)
        glances = self._glances(text, language)
        looks = self._looks(text, glances)
        scores = self._scores(looks)
        given = tuple(theme for theme in themes() if scores[theme] >= THRESHOLD)
        franco_german = scores[FRANCO_GERMAN] >= THRESHOLD
        explained = [*given]
        explained += [SOVEREIGNTY] if scores[SOVEREIGNTY] >= SOVEREIGNTY_REASONS_FROM else []
        explained += [FRANCO_GERMAN] if franco_german else []
        why = self._explainer(looks)
        return Verdict(
            language=language,
            scores={theme: scores[theme] for theme in themes()},
            themes=given,
            sovereignty=scores[SOVEREIGNTY],
            franco_german=franco_german,
            organisations=self._gazetteer.names_in(_fields(glances)),
            reasons=tuple(reason for label in explained for reason in why(label)),
            model=self.name,
        )

    def why_not(self, text: ClassifiableText) -> tuple[NearMiss, ...]:
        """See the port."""
        looks = self._looks(text, self._glances(text, _language(text)))
        scores = self._scores(looks)
        near = [theme for theme in themes() if _NEAR <= scores[theme] < THRESHOLD]
        near.sort(key=lambda theme: -scores[theme])
        why = self._explainer(looks)
        return tuple(
            NearMiss(theme, scores[theme], round(THRESHOLD - scores[theme], 4), why(theme)) for theme in near
        )

    def windows_of(self, text: ClassifiableText) -> Matrix:
        """The logits of the windows that were read closely, the first one first, shape (windows, labels)."""
        return np.array([look.logits for look in self._looks(text, self._glances(text, _language(text)))])

    def _scores(self, looks: Sequence[Look]) -> dict[str, float]:
        values = linear.probabilities(np.max([look.logits for look in looks], axis=0))
        return {label: round(float(value), 4) for label, value in zip(self._heads.labels, values, strict=True)}

    def _looks(self, text: ClassifiableText, glances: Sequence[Look]) -> list[Look]:
        """The first window, and those behind it that the encoder was asked about."""
        first = self._closer(glances[0], text.body)
        hints = [(float((look.logits - np.maximum(first.logits, _HINT)).max()), look) for look in glances[1:]]
        promising = sorted((hint for hint in hints if hint[0] > 0), key=lambda hint: -hint[0])
        return [first, *(self._closer(look, discount=self._later) for _, look in promising[:_CLOSER])]

    def _glances(self, text: ClassifiableText, language: str) -> list[Look]:
        bodies = (text.body[place.start : place.end] for place in windows(text.body))
        return [self._glance(text, language, body) for body in bodies]

    def _glance(self, text: ClassifiableText, language: str, body: str) -> Look:
        """A window as lexicon and n-grams see it."""
        window = ClassifiableText(text.title, body, text.declared_language, text.languages)
        reading = self._lexicon.read(window, language)
        found = buckets(*([word.folded for word in part.words] for part in (reading.title, reading.body)))
        features = linear.lexicon_features(reading.findings, self._heads.labels)
        logits = self._heads.bias + self._heads.lexicon @ features + linear.ngram_logits(self._heads, found)
        logits += self._heads.encoder @ self._heads.mean + self._heads.meaning @ self._heads.usual
        return Look(reading, found, None, None, logits)

    def _closer(self, look: Look, text: str = "", discount: float = 0.0) -> Look:
        """The same window with what the encoders say of it; `text` is that of which it is the first."""
        title, body = look.reading.title, look.reading.body
        encoded = self._encoder.encode(sentence(title.text, body.text)) if self._encodes else None
        told = said(self._meaning, title, body, text)
        means = linear.pooled(encoded.vectors) if encoded else self._heads.mean
        says = self._heads.encoder @ (means - self._heads.mean)
        says += linear.meaning_by_sentence(self._heads, told.vectors).sum(0)
        return replace(look, encoded=encoded, said=told, logits=look.logits + says - discount)

    def _explainer(self, looks: Sequence[Look]) -> Callable[[str], tuple[Reason, ...]]:
        """Label -> its reasons, from the window that says most for it; each window is taken apart once."""

        @cache
        def taken_apart(window: int) -> tuple[Words, Matrix]:
            words = Words(looks[window].reading.title, looks[window].reading.body)
            return words, self._by_word(looks[window], words)

        def why(label: str) -> tuple[Reason, ...]:
            number = self._heads.labels.index(label)
            window = max(range(len(looks)), key=lambda place: float(looks[place].logits[number]))
            words, amounts = taken_apart(window)
            return reasons(label, words, amounts[:, number], float(looks[window].logits[number]))

        return why

    def _by_word(self, look: Look, words: Words) -> Matrix:
        """What each word of the window adds to each logit, shape (words, labels)."""
        amounts = linear.lexicon_by_word(self._heads, look.reading.findings, look.reading.title, len(words))
        amounts += linear.ngrams_by_word(self._heads, look.found, len(words))
        if look.encoded:
            of_words = _words_of(look.encoded, look.reading)
            by_token = linear.encoder_by_token(self._heads, look.encoded.vectors)
            np.add.at(amounts, of_words[of_words >= 0], by_token[of_words >= 0])
        if look.said:
            amounts += meaning_by_word(self._heads, look.said, words)
        return amounts


def sentence(title: str, body: str) -> str:
    """What the encoder reads of a title and a body."""
    return f"{title}. {body}" if title and body else title or body


def _words_of(encoded: Encoded, reading: Reading) -> NDArray[np.int64]:
    """For every token the number of the word it belongs to, -1 for signs."""
    title, body = reading.title, reading.body
    behind = len(title.text) + 2 if title.text and body.text else 0
    starts = [word.start for word in title.words] + [word.start + behind for word in body.words]
    ends = [word.end for word in title.words] + [word.end + behind for word in body.words]
    tokens = np.array([start for start, _ in encoded.places])
    empty = np.array([start == end for start, end in encoded.places])
    if not starts:
        return np.full(len(tokens), -1)
    numbers = np.searchsorted(starts, tokens, side="right") - 1
    outside = (numbers < 0) | (tokens >= np.array(ends)[numbers]) | empty
    return np.where(outside, -1, numbers)


def _fields(looks: Sequence[Look]) -> list[Sequence[Token]]:
    """The words of the title, then of every window."""
    return [looks[0].reading.title.words, *(look.reading.body.words for look in looks)]


def _language(text: ClassifiableText) -> str:
    words = f"{text.title}\n{text.body}"
    return identify(words, declared=text.declared_language, languages=text.languages)

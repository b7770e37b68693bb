"""The lexicon as a model: words in, verdict and reasons out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.classifier.explain import reasons
from services.classifier.lexicon.evidence import Contribution, Part, score, total, weigh
from services.classifier.lexicon.matcher import Matcher
from services.classifier.lexicon.pairs import joint_action
from services.classifier.lexicon.terms import ANY_LANGUAGE, Term
from services.classifier.model import FRANCO_GERMAN, SOVEREIGNTY, THRESHOLD, ClassifiableText, NearMiss
from shared.items import LANGUAGES, OTHER, Reason, Verdict
from shared.text.fold import tokens
from shared.text.language import identify
from shared.text.organisations import Gazetteer
from shared.themes import themes

SOVEREIGNTY_REASONS_FROM: Final = 0.25
_GUESSED: Final = 50  # characters: "Windpark liefert Strom" was taken for English
_SOVEREIGNTY_STEEPNESS: Final = 2.5  # gentler than for themes: the label has degrees

Findings = Mapping[str, tuple[Contribution, ...]]


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as the lexicon reads it: its words, the terms among them, and what they say per label."""

    title: Part
    body: Part
    findings: Findings


class LexiconModel:
    """Compiled terms by language; a text in no known language is read with all of them."""

    def __init__(self, name: str, terms: Mapping[str, Sequence[Term]], gazetteer: Gazetteer) -> None:
        self.name = name
        self._terms = terms
        self._gazetteer = gazetteer
        self._compiled: dict[str, Matcher] = {}

    def classify(self, text: ClassifiableText) -> Verdict:
        """See the port."""
        language = _language(text)
        reading = self.read(text, language)
        findings = reading.findings
        scores = {theme: round(score(total(findings.get(theme, ()))), 4) for theme in themes()}
        sovereignty = round(score(total(findings.get(SOVEREIGNTY, ())), _SOVEREIGNTY_STEEPNESS), 4)
        franco_german = score(total(findings.get(FRANCO_GERMAN, ()))) >= THRESHOLD
        given = tuple(theme for theme, value in scores.items() if value >= THRESHOLD)
        return Verdict(
            language=language,
            scores=scores,
            themes=given,
            sovereignty=sovereignty,
            franco_german=franco_german,
            organisations=self._gazetteer.names_in((reading.title.words, reading.body.words)),
            reasons=_reasons(findings, given, sovereignty, franco_german),
            model=self.name,
        )

    def why_not(self, text: ClassifiableText) -> tuple[NearMiss, ...]:
        """See the port."""
        findings = self.read(text, _language(text)).findings
        misses = []
        for theme in themes():
            parts = findings.get(theme, ())
            value = score(total(parts))
            if 0 < value < THRESHOLD:
                misses.append(NearMiss(theme, round(value, 4), round(THRESHOLD - value, 4), reasons(theme, parts)))
        return tuple(sorted(misses, key=lambda miss: miss.missing))

    def read(self, text: ClassifiableText, language: str) -> Reading:
        """The terms of `language` in the text, and what they add up to."""
        matcher = self._matcher(OTHER if _is_guess(text) else language)
        title, body = (_part(matcher, words) for words in (text.title, text.body))
        findings = dict(weigh(title, body))
        findings[FRANCO_GERMAN] = joint_action(title, body)
        return Reading(title, body, findings)

    def _matcher(self, language: str) -> Matcher:
        """Compiled when the first text in that language comes: it takes a tenth of a second, and not all come."""
        if language not in self._compiled:  # two threads at once make two that are alike
            own = self._terms[language] if language in LANGUAGES else ()
            everything = dict.fromkeys(term for terms in self._terms.values() for term in terms)
            self._compiled[language] = Matcher((*own, *self._terms[ANY_LANGUAGE]) if own else everything)
        return self._compiled[language]


def _is_guess(text: ClassifiableText) -> bool:
    """Whether a few words from nowhere leave their language to chance: then all terms are looked for."""
    if text.languages or text.declared_language:
        return False
    return len(text.title) + len(text.body) < _GUESSED


def _language(text: ClassifiableText) -> str:
    words = f"{text.title}\n{text.body}"
    return identify(words, declared=text.declared_language, languages=text.languages)


def _part(matcher: Matcher, text: str) -> Part:
    words = tokens(text)
    return Part(text, words, matcher.find(text, words))


def _reasons(
    findings: Findings, given: Sequence[str], sovereignty: float, franco_german: bool
) -> tuple[Reason, ...]:
    labels = list(given)
    if sovereignty >= SOVEREIGNTY_REASONS_FROM:
        labels.append(SOVEREIGNTY)
    if franco_german:
        labels.append(FRANCO_GERMAN)
    return tuple(reason for label in labels for reason in reasons(label, findings[label]))

"""Pure. An item with the labels that somebody gave it."""

from dataclasses import dataclass
from typing import Final

from services.classifier.model import FRANCO_GERMAN, SOVEREIGNTY

AI: Final = "ai"
RUBRIC: Final = (  # the themes that count together; `ai` is apart, for most labelled items leave it out
    "energy",
    "health",
    "industry40",
    "mobility",
    "climate",
    "security",
    "skills",
    "startups",
    "compute",
    "regulation",
    "research",
)
THEMES: Final = (*RUBRIC, AI)
ORGANISATIONS: Final = "organisations"
LANGUAGE: Final = "language"
LABELS: Final = frozenset((*THEMES, SOVEREIGNTY, FRANCO_GERMAN, ORGANISATIONS, LANGUAGE))


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and what a verdict on it should say.

    `group` is the publication: its translations and near-duplicates share it, and stand or fall together.
    `judged` are the labels that somebody decided on, of `LABELS`; what stands in the others counts nowhere, so
    that a corrected item is not taken for a fully labelled one.
    """

    id: str
    group: str
    lang: str
    title: str
    text: str
    themes: frozenset[str] = frozenset()
    sovereignty: float = 0.0
    franco_german: bool = False
    organisations: frozenset[str] = frozenset()
    judged: frozenset[str] = frozenset((*RUBRIC, SOVEREIGNTY, FRANCO_GERMAN, LANGUAGE))

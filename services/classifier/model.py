"""Pure. The port of every model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

from shared.items import CollectedItem, Reason, Verdict

THRESHOLD: Final = 0.5  # a score from here on makes a theme
SOVEREIGNTY: Final = "sovereignty"  # labels besides the themes, as reasons name them
FRANCO_GERMAN: Final = "franco_german"


@dataclass(frozen=True, slots=True)
class ClassifiableText:
    """What a model reads. `languages` are those its source publishes in; all texts are plain, without markup."""

    title: str
    body: str = ""
    declared_language: str | None = None
    languages: tuple[str, ...] = ()

    @classmethod
    def of(cls, item: CollectedItem) -> "ClassifiableText":
        return cls(item.title, item.body(), item.declared_language, item.languages)


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A theme that the text was not given: its score, what spoke for it, and what it lacked of the threshold."""

    label: str
    score: float
    missing: float
    reasons: tuple[Reason, ...]


class Model(Protocol):
    """Tags one text. Pure and thread-safe: the same text always gets the same verdict."""

    @property
    def name(self) -> str:
        """Name and version; another name means that verdicts may differ."""
        ...

    def classify(self, text: ClassifiableText) -> Verdict: ...

    def why_not(self, text: ClassifiableText) -> Sequence[NearMiss]:
        """The themes that stayed below the threshold though something spoke for them, the nearest first."""
        ...


@runtime_checkable
class Rests(Protocol):
    """A model that can give up what its next text loads again."""

    def rest(self) -> None: ...

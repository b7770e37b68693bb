"""The language of a text: de, fr, en or other. The one door to the language detector."""

from collections.abc import Sequence
from functools import cache

from lingua import Language, LanguageDetector, LanguageDetectorBuilder

from shared.items import LANGUAGES, OTHER


def identify(text: str, *, declared: str | None = None, languages: Sequence[str] = ()) -> str:
    """de, fr, en or other. `declared` and the source's `languages` decide what the text leaves open."""
    return shared_identifier().identify(text, declared=declared, languages=languages)


@cache
def shared_identifier() -> "LanguageIdentifier":
    """The process's identifier; its model is loaded at the first text."""
    return LanguageIdentifier()


class LanguageIdentifier:
    """A detector whose model is loaded at the first text."""

    def __init__(self) -> None:
        self._detector: LanguageDetector | None = None

    def identify(self, text: str, *, declared: str | None = None, languages: Sequence[str] = ()) -> str:
        """See `identify`."""
        if self._detector is None:
            self._detector = (
                LanguageDetectorBuilder.from_languages(*Language.all()).with_low_accuracy_mode().build()
            )
        found = self._detector.detect_language_of(text[:2000])
        code = found.iso_code_639_1.name.lower() if found else (declared or (languages or [OTHER])[0])
        return code if code in LANGUAGES else OTHER

"""Pure. What a trained model scores: the themes, sovereignty and the Franco-German flag, in one fixed order."""

from services.classifier.model import FRANCO_GERMAN, SOVEREIGNTY
from shared.themes import themes


def labels() -> tuple[str, ...]:
    """The themes in the order of their file, then sovereignty, then the flag."""
    return (*themes(), SOVEREIGNTY, FRANCO_GERMAN)

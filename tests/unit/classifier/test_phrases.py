"""A passage is a phrase that somebody can read: it breaks off where a clause does, and keeps one together."""

import numpy as np
import pytest

from services.classifier.lexicon.evidence import Part
from services.classifier.shipped.passages import Words, reasons
from shared.text.fold import tokens


def passages(text: str, *heavy: str) -> set[str]:
    """Of a text in which only these words speak for the label, among others that say nothing."""
    text = f"{text} {'Anderswo blieb alles beim Alten. ' * 6}"
    words = tuple(tokens(text))
    amounts = np.array([2.0 if word.surface in heavy else 0.0 for word in words], np.float32)
    parts = Words(Part("", (), ()), Part(text, words, ()))
    return {reason.passage for reason in reasons("energy", parts, amounts, float(amounts.sum()) - 1)}


@pytest.mark.parametrize(
    ("text", "heavy", "expected"),
    [
        (
            "Heute müssen Stadtwerke ihre Wärmeplanung sonst ändern.",
            "Stadtwerke Wärmeplanung",
            {"Stadtwerke"},
        ),
        ("Bis Mitte März kein Güterzug.", "März Güterzug", {"Güterzug"}),
        ("Dann melden Netze, wenn Speicher voll sind.", "Netze Speicher", {"melden Netze"}),
    ],
)
def test_it_breaks_off_where_another_clause_begins(text: str, heavy: str, expected: set[str]) -> None:
    assert expected <= passages(text, *heavy.split())


@pytest.mark.parametrize(
    ("text", "heavy", "expected"),
    [
        ("Les deux ministères du numérique ont signé un texte.", "numérique", "ministères du numérique"),
        (
            "Les deux ministères du numérique ont signé un texte.",
            "numérique signé",
            "ministères du numérique ont signé",
        ),
        ("Es probieren Ärztinnen der Kardiologie lassen wir.", "Kardiologie", "Ärztinnen der Kardiologie"),
        ("Was sie tun: KI im Krankenhaus wird geprüft.", "KI", "KI im Krankenhaus"),
        ("Là, les patients sont orientés ailleurs.", "patients", "patients sont orientés"),
        ("Il doit motiver chaque autorisation.", "autorisation", "motiver chaque autorisation"),
        (
            "The firm orders battery-electric ships for this fjord.",
            "battery electric",
            "firm orders battery-electric ships",
        ),
    ],
)
def test_it_holds_together_what_belongs_together(text: str, heavy: str, expected: str) -> None:
    assert expected in passages(text, *heavy.split())

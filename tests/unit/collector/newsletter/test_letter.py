"""The operators' letter about a newsletter: what was refused is told, and nobody is told to subscribe who has."""

from datetime import UTC
from pathlib import Path

from services.collector import telling
from services.collector.sick import Patient, letter
from shared.locales import load_texts
from shared.sources.states import State

LOCALES = Path(telling.__file__).parent / "locales"


def told(patient: Patient) -> str:
    note = letter([patient], {}, load_texts(LOCALES)["en"], UTC)
    return note.body if note else ""


def test_refused_mails_are_told_though_the_source_is_well() -> None:
    assert "2 of its mails were not taken: nobody proves it." in told(
        Patient("dfki", "DFKI", State.OK, mailbox=True, refused=2, refusal="nobody proves it")
    )
    assert told(Patient("dfki", "DFKI", State.OK, mailbox=True)) == ""


def test_a_mailbox_that_lets_nobody_in_needs_no_newsletter() -> None:
    advice = "If it offers a newsletter"
    assert advice not in told(Patient("dfki", "DFKI", State.BLOCKED, mailbox=True))
    assert advice in told(Patient("bsi", "BSI", State.BLOCKED))

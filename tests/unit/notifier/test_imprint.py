"""Who is responsible stands at the end of every mail, where the operator says so."""

from dataclasses import replace

import pytest

from services.notifier.compose import compose
from services.notifier.templates import load_templates
from shared.items import LANGUAGES
from shared.subscriptions.words import Kind
from tests.unit.notifier.golden import letters
from tests.unit.notifier.letters import LINKS, NOW

WHO = "Verein Beispiel e. V.\nBeispielweg 1, 10115 Berlin"
LINE = "Verein Beispiel e. V. Beispielweg 1, 10115 Berlin"
LABELS = {"de": "Verantwortlich: ", "fr": "Responsable\u202f: ", "en": "Responsible: "}
TEMPLATES = load_templates(WHO)
TO_READERS = {name: letter for name, letter in letters().items() if letter.kind is not Kind.OPERATOR}


@pytest.mark.parametrize("name", TO_READERS)
def test_it_ends_both_parts_of_every_mail(name: str) -> None:
    for language in LANGUAGES:
        letter = replace(TO_READERS[name], language=language)
        sender = "vigie@example.org"
        mail = compose(letter, sender=sender, links=LINKS, templates=TEMPLATES, now=NOW)
        assert " ".join(mail.text.split()).endswith(" ".join(f"{LABELS[language]}{LINE}".split()))
        assert f"{LABELS[language]}{LINE}</p>" in mail.html

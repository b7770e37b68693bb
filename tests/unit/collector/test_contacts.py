"""What is about the press officer and not about the news."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.collector import contacts
from services.collector.contacts import without_contacts
from tests.unit.collector.test_decide import an_entry, plan

NEWS = "Das Institut hat einen Speicher übergeben. Er nimmt tagsüber Strom auf und gibt ihn am Abend ab."


@pytest.mark.parametrize(
    "block",
    [
        "Pressekontakt:\nErika Beispiel\nTel.: +49 681 000-1234\nE-Mail: erika@example.org",
        "Ansprechpartnerin für die Presse\nDr. Erika Beispiel, Leiterin\nTelefon 0681/000-1234\nwww.example.org",
        "Für Rückfragen:\nErika Beispiel, erika(at)example.org",
        "Contact presse :\nCamille Exemple\nTél. 01 00 00 00 00\ncamille@example.org",
        "CONTACTS PRESSE\nInstitut Exemple – Camille Exemple – camille@example.org",
        "Press contact\nAlex Example\n+44 20 0000 0000",
        "Ihre Ansprechpartnerin\nDr. Erika Beispiel\nT +49 30 0000 5678",
        "Relations presse : Camille Exemple 01.00.00.00.00",
        "Contact chercheur\nCamille Exemple | T +33 1 00 00 00 00 | camille@example.org",
        "For more information, please contact:\nAlex Example, alex@example.org",
        "Wissenschaftlicher Ansprechpartner:\nProf. Dr. Max Beispiel\nE-Mail: max@example.org",
    ],
)
def test_a_contact_block_goes_and_the_news_stays(block: str) -> None:
    assert without_contacts(f"{NEWS}\n{block}") == NEWS
    assert without_contacts(f"{block}\n{NEWS}") == NEWS


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Anmeldung bei anna@example.org bis Freitag.", "Anmeldung bei bis Freitag."),
        ("Fragen beantwortet das Büro (Tel. 0681 000-12).", "Fragen beantwortet das Büro."),
        ("Fragen beantwortet das Büro unter 0681 / 00775-5100.", "Fragen beantwortet das Büro unter."),
        ("For interviews ring 020 0000 0000.", "For interviews ring."),
        ("Informations au +33 1 00 00 00 00, du lundi au vendredi.", "Informations au, du lundi au vendredi."),
    ],
)
def test_addresses_and_numbers_go_from_sentences(text: str, left: str) -> None:
    assert " ".join(without_contacts(text).split()) == left


@pytest.mark.parametrize(
    "text",
    [
        NEWS,
        "Kontakt zur Industrie suchte das Institut schon 2019: Es gab 1.200.000 Euro aus.",
        "Le contact avec les entreprises reste étroit. 3 000 000 d'euros sont prévus en 2026-2027.",
        "Der Speicher fasst 12.500 kWh, kostet 4 300 000 Euro und läuft seit 12.11.2026, 10:00 Uhr.",
        "Kontakt\nDie Tagung bringt Forschung und Betriebe in Kontakt.",
        "Drucksache 012/2026 vom 01.12.2026: 100 200 300 Knoten, DOI 10.1000/182.",
        "Die Norm DIN EN ISO 9001:2015 gilt, die Fassung 2008 nicht mehr.",
    ],
)
def test_a_text_without_persons_stays_as_it_is(text: str) -> None:
    assert without_contacts(text) == text


def test_what_is_cut_never_makes_an_event_of_an_unchanged_entry() -> None:
    entry = an_entry(text=f"{NEWS}\nPressekontakt:\nErika Beispiel\nTel.: +49 681 000-1234")
    made = plan(entry)
    assert made.live[0].text == NEWS
    kept = made.remember[0]
    assert plan(entry, known=(kept,)).unchanged == 1
    assert kept.content_hash != plan(an_entry(text=NEWS)).remember[0].content_hash


PARTS = (
    "Pressekontakt: KONTAKT Für:Rückfragen Für:weitere:Auskünfte Contact:presse Tel. Mittel Tél te\u0301l Telefax"
    " @ (at) +49:30:1234 123:456 office press:enquiries more:information: Medienstelle für ihr _tel K"
).split()


@given(some.lists(some.sampled_from([*(part.replace(":", " ") for part in PARTS), "\n", "Wort"]), max_size=8))
def test_the_quick_look_passes_over_no_text_that_holds_a_contact(words: list[str]) -> None:
    text = " ".join(words)
    holds = contacts._PERSONAL.search(text) or any(map(contacts._opens, text.split("\n")))
    assert contacts._may_hold_contacts(text) or not holds


def test_what_the_body_says_of_itself_behind_a_contact_block_stays() -> None:
    contact = "Kontakt\nErika Beispiel\nTel.: +49 681 000-1234"
    assert (
        without_contacts(f"{NEWS}\n{contact}\nÜber das Institut\n{NEWS}") == f"{NEWS}\nÜber das Institut\n{NEWS}"
    )

"""What counts as a change of a text, and what does not."""

import pytest

from services.notifier.changed import Changed, Wording, changed

BASE = (
    "Der Netzbetreiber baut die Leitungen im Norden aus. "
    "Die Leitstelle läuft auf Rechnern in eigener Hand. "
    "Der Bund fördert das Vorhaben mit 12 Mio. Euro bis 2028. "
    "Die Arbeiten beginnen im kommenden Jahr in Kiel."
)


def wording(body: str, title: str = "Das Netz wird größer und sicherer") -> Wording:
    return Wording(title, body)


def of(body: str, title: str = "Das Netz wird größer und sicherer") -> Changed | None:
    return changed(wording(BASE), wording(body, title))


def test_a_sentence_that_came_and_one_that_went_are_told() -> None:
    found = of(
        BASE.replace("Die Arbeiten beginnen im kommenden Jahr in Kiel.", "Die Klage dagegen wurde abgewiesen.")
    )
    assert found == Changed(
        ("Die Klage dagegen wurde abgewiesen.",), ("Die Arbeiten beginnen im kommenden Jahr in Kiel.",)
    )


def test_another_number_is_a_change() -> None:
    found = of(BASE.replace("12 Mio.", "21 Mio."))
    assert found is not None
    assert "21 Mio." in found.added[0]


def test_another_deadline_is_a_change() -> None:
    before = wording(f"{BASE} Anträge werden bis zum 3. März 2026 angenommen, danach keine mehr.")
    after = wording(f"{BASE} Anträge werden bis zum 10. März 2026 angenommen, danach keine mehr.")
    assert changed(before, after) is not None


def test_a_word_more_may_turn_the_meaning() -> None:
    assert of(BASE.replace("läuft auf", "läuft nicht auf")) is not None


def test_another_title_is_a_change() -> None:
    assert of(BASE, title="Das Netz wird nun doch nicht größer") is not None


@pytest.mark.parametrize(
    "body",
    [
        BASE,
        BASE.replace(". ", ".\n\n"),
        BASE.replace("Leitungen", "Leitunngen"),  # the misspelling goes either way
        BASE.replace("Der Bund fördert", "der Bund fördert").replace("Hand.", "Hand!"),
        BASE.replace("in eigener Hand. Der", "in eigener Hand; der"),
        f"{BASE} Mehr lesen",
        f"Startseite Presse\n{BASE}",
        f"{BASE}\nStand: 4. März 2026, 12:30 Uhr",
        f"{BASE}\nMis à jour le 4 mars 2026",
        f"{BASE}\nLast updated 4 March 2026",
        "Die Arbeiten beginnen im kommenden Jahr in Kiel. "
        + BASE.removesuffix(" Die Arbeiten beginnen im kommenden Jahr in Kiel."),
        "Der Netzbetreiber baut aus.",
    ],
)
def test_what_is_no_change(body: str) -> None:
    assert of(body) is None
    assert changed(wording(body), wording(BASE)) is None


def test_a_teaser_that_became_a_text_was_only_read_better() -> None:
    assert changed(wording("Der Netzbetreiber baut die Leitungen im Norden aus."), wording(BASE)) is None


def test_a_text_without_end_is_compared_in_bounded_time() -> None:
    long = " ".join(f"Im Abschnitt {n} steht wieder etwas ganz anderes zu lesen." for n in range(5000))
    assert changed(wording(long), wording(f"Am Anfang kam ein neuer Satz dazu. {long}")) is not None

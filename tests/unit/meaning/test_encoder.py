"""The encoder: translations lie nearer than anything else, and it stays the encoder that it was."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from shared.meaning.encoder import the_encoder
from shared.meaning.encoding import Encoder
from shared.meaning.vectors import nearness, unpacked

# Invented releases, in German, French and English.
RELEASES = (
    (
        "Deutschland und Frankreich gründen ein gemeinsames Labor für künstliche Intelligenz",
        "L'Allemagne et la France créent un laboratoire commun d'intelligence artificielle",
        "Germany and France set up a joint laboratory for artificial intelligence",
    ),
    (
        "Bundesregierung fördert Wasserstoff mit zwei Milliarden Euro",
        "Le gouvernement allemand soutient l'hydrogène à hauteur de deux milliards d'euros",
        "German government funds hydrogen with two billion euros",
    ),
    (
        "Krankenhäuser erhalten neue Regeln für Patientendaten",
        "Les hôpitaux reçoivent de nouvelles règles sur les données des patients",
        "Hospitals get new rules for patient data",
    ),
    (
        "Neuer Supercomputer geht in Jülich in Betrieb",
        "Un nouveau supercalculateur entre en service à Juliers",
        "New supercomputer starts operation in Jülich",
    ),
    (
        "Behörde warnt vor Sicherheitslücke in Mailservern",
        "Une autorité alerte sur une faille de sécurité dans les serveurs de messagerie",
        "Authority warns of a security hole in mail servers",
    ),
    (
        "Studie: Jugendliche lernen weniger Fremdsprachen",
        "Étude : les jeunes apprennent moins de langues étrangères",
        "Study: young people learn fewer foreign languages",
    ),
)
FIRST = Path(__file__).parents[2] / "data" / "meaning.npy"  # the package's own vectors of the titles above


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return the_encoder()


@pytest.mark.parametrize(("one", "other"), [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)])
def test_the_translation_of_a_title_is_the_nearest_of_all(encoder: Encoder, one: int, other: int) -> None:
    ours, theirs = (encoder.vectors([release[language] for release in RELEASES]) for language in (one, other))
    assert (ours @ theirs.T).argmax(1).tolist() == list(range(len(RELEASES)))


def test_vectors_are_those_of_the_encoder_that_it_was_made_of(encoder: Encoder) -> None:
    ours = encoder.vectors([title for release in RELEASES for title in release])
    cosines = np.einsum("ij,ij->i", ours, np.load(FIRST))
    assert cosines.min() > 0.99
    assert cosines.mean() > 0.997


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "…", "наука и жизнь", "漢字", "x" * 9_000, "a " * 5_000, "\u00ad"]
)
def test_every_text_has_a_vector_of_length_one(encoder: Encoder, text: str) -> None:
    (vector,) = encoder.vectors([text])
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-3)


def test_a_vector_does_not_depend_on_its_neighbours(encoder: Encoder) -> None:
    titles = [title for release in RELEASES for title in release]
    alone = np.concatenate([encoder.vectors([title]) for title in titles])
    assert np.allclose(encoder.vectors(titles * 8)[: len(titles)], alone, atol=1e-4)
    assert encoder.vectors([]).shape == (0, 512)


def test_an_item_has_a_vector_of_its_title_and_the_mean_of_its_sentences(encoder: Encoder) -> None:
    german, french = (
        encoder.of_item(title, f"{lead} {RELEASES[3][language]}.")
        for language, (title, lead) in enumerate(zip(RELEASES[0][:2], ("Ein Satz.", "Une phrase."), strict=True))
    )
    assert german.version == french.version == encoder.version
    assert (len(german.title), len(german.text)) == (512, 512)
    assert nearness(german.title, french.title) > 0.6
    assert nearness(german.title, german.text) < 0.5


def test_an_item_without_text_has_none(encoder: Encoder) -> None:
    assert encoder.of_item("Titel", "").text == b""


def test_eight_bits_are_enough(encoder: Encoder) -> None:
    vectors = encoder.vectors([title for release in RELEASES for title in release])
    kept = np.array([unpacked(encoder.of_item(title, "").title) for release in RELEASES for title in release])
    assert np.einsum("ij,ij->i", vectors, kept).min() > 0.999


def test_threads_share_it(encoder: Encoder) -> None:
    titles = [release[0] for release in RELEASES]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda title: encoder.of_item(title, title), titles * 3))
    assert found[: len(titles)] == found[len(titles) : 2 * len(titles)] == found[2 * len(titles) :]

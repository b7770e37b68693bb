"""What may train, and what must not: publications are never torn apart, and the gate stays unseen."""

import gzip
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.classifier.labels import labels
from services.classifier.training import material
from services.classifier.training.material import AI, Example
from services.classifier.training.pseudo import with_ai
from services.classifier.training.splits import HELD_OUT, OF_LATER, held_out, is_held_out, joined, without_gate
from shared.errors import ConfigError

TEXT = (
    "Der Netzbetreiber nimmt am Montag drei neue Leitungen zwischen Emden und Leer in Betrieb, wie er mitteilte."
)


def example(id_: str, group: str = "", title: str = "", text: str = TEXT, **labels: float) -> Example:
    return Example(id_, group or id_, "de", title or f"Titel {id_}", text, labels, 1.0, "real")


def test_a_tenth_of_the_groups_is_held_out_and_always_the_same() -> None:
    names = [f"group-{number}" for number in range(5_000)]
    share = sum(map(is_held_out, names)) / len(names)
    assert share == pytest.approx(HELD_OUT, abs=0.02)
    assert [is_held_out(name) for name in names] == [is_held_out(name) for name in names]


def test_more_is_held_out_of_what_was_labelled_later_but_nothing_whose_publication_the_encoder_has_seen() -> None:
    former = [example(f"group-{number}") for number in range(2_000)]
    later = [replace(each, corpus="pool") for each in former]
    groups = [each.group for each in former]
    assert np.mean(held_out(later, groups)) == pytest.approx(OF_LATER, abs=0.03)
    of_both = held_out([*former, *later], groups * 2)
    assert of_both == held_out(former, groups) * 2


def test_what_resembles_a_text_of_the_gate_does_not_train_nor_do_its_translations() -> None:
    near = example("a", group="one", title="Titel gate", text=TEXT.replace("Montag", "Dienstag"))
    translation = replace(example("b", group="one", text="Le gestionnaire du réseau"), language="fr")
    other = example(
        "c", text="Ganz anderes steht in diesem Text, in dem es um die Ernte der Winzer an der Mosel geht."
    )
    assert without_gate([near, translation, other], [example("gate")]) == [other]


def test_a_text_of_the_gate_does_not_train() -> None:
    assert without_gate([example("gate", text="kurz")], [example("gate", text="etwas anderes")]) == []


def test_near_duplicates_become_one_publication() -> None:
    names = joined(
        [example("a"), example("b", text=TEXT + " Mehr dazu morgen."), example("c", text="Kurz und fremd.")]
    )
    assert names["a"] == names["b"] != names["c"]


def test_every_label_of_the_written_items_is_known_and_counts_half() -> None:
    written = material.written()
    assert len(written) >= 1_500
    assert all(set(each.labels) == set(labels()) for each in written)
    assert {each.weight for each in written} == {0.5}


def test_the_gate_and_the_training_labels_share_no_publication() -> None:
    assert not set(material.table("gate")) & set(material.table("releases"))
    assert len(material.table("gate")) >= 600


def test_a_release_is_labelled_in_every_language_it_stands_in(tmp_path: Path) -> None:
    (number, known), *_ = material.table("releases").items()
    release = {"id": number, **{lang: {"title": "T", "lead": "L"} for lang in ("de", "fr", "en")}}
    with gzip.open(tmp_path / material.RELEASES, "wt", encoding="utf-8") as file:
        file.write(json.dumps(release) + "\n")
    found = material.labelled_releases(tmp_path)
    assert [each.language for each in found] == ["de", "fr", "en"]
    assert all(each.labels == known and each.group == number for each in found)


def test_a_missing_corpus_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"real-train\.jsonl is missing"):
        material.real(tmp_path)


@pytest.mark.parametrize(("evidence", "expected"), [(2.5, 1.0), (0.0, 0.0), (1.0, None)])
def test_ai_is_only_supposed_where_the_lexicon_is_sure(evidence: float, expected: float | None) -> None:
    features = np.full((1, len(labels())), math.log(max(evidence, 0.3)), np.float32)
    (found,) = with_ai([example("a")], features)
    assert found.labels.get(AI) == expected


def test_a_label_that_somebody_gave_is_left_alone() -> None:
    features = np.full((1, len(labels())), 1.0, np.float32)
    (found,) = with_ai([example("a", ai=0.0)], features)
    assert found.labels[AI] == 0.0

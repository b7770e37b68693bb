"""Models without ONNX weights run through transformers' pipelines; this needs the extra `models`."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from services.classifier.hub.model import HubModel
from services.classifier.hub.options import load_options
from services.classifier.load import load_model
from services.classifier.model import ClassifiableText, Model
from shared.config import Settings
from shared.errors import ConfigError
from tests.unit.classifier.tiny_models import save_tokenizer, vocabulary

torch = pytest.importorskip("torch", reason="torch is the extra `models`: pip install '.[models]'")

TEXT = "Der Windpark und die Klinik"


def bert(folder: Path, labels: Sequence[str]) -> Path:
    """A random BERT of 20,000 weights, saved as safetensors."""
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(vocabulary()),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
        initializer_range=0.5,
        id2label=dict(enumerate(labels)),
        label2id={label: number for number, label in enumerate(labels)},
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    save_tokenizer(folder)
    (folder / "vocab.txt").write_text("\n".join(vocabulary()), "utf-8")
    said = json.loads((folder / "tokenizer_config.json").read_text("utf-8"))
    (folder / "tokenizer_config.json").write_text(json.dumps(said | {"tokenizer_class": "BertTokenizer"}), "utf-8")
    return folder


def loaded(folder: Path) -> Model:
    return load_model(Settings(model=str(folder)))


def scores(model: Model, text: str) -> dict[str, float]:
    return dict(model.classify(ClassifiableText(text, languages=("de",))).scores)


def theirs(folder: Path, task: Any, text: str, **how: Any) -> Any:
    """What transformers' own pipeline answers."""
    from transformers import pipeline

    return pipeline(task, model=str(folder), tokenizer=str(folder))(text, **how)


def test_a_sequence_classifier_scores_as_transformers_own_pipeline(tmp_path: Path) -> None:
    folder = bert(tmp_path / "tiny", ("energy", "health"))
    model = loaded(folder)
    assert isinstance(model, HubModel)
    answer = theirs(folder, "text-classification", TEXT, top_k=None, function_to_apply="sigmoid")
    ours = scores(model, TEXT)
    assert {said["label"]: ours[said["label"]] for said in answer} == {
        said["label"]: pytest.approx(said["score"], abs=1e-3) for said in answer
    }


def test_an_inference_model_scores_as_transformers_own_zero_shot_pipeline(tmp_path: Path) -> None:
    folder = bert(tmp_path / "tiny", ("entailment", "neutral", "contradiction"))
    asked = {said["de"]: label for label, said in load_options(None).hypotheses.items()}
    answer = theirs(
        folder,
        "zero-shot-classification",
        TEXT,
        candidate_labels=list(asked),
        hypothesis_template="{}",
        multi_label=True,
    )
    ours = scores(loaded(folder), TEXT)
    for hypothesis, score in zip(answer["labels"], answer["scores"], strict=True):
        if asked[hypothesis] in ours:
            assert ours[asked[hypothesis]] == pytest.approx(score, abs=1e-3)


def test_a_text_that_is_longer_than_the_model_reads_gets_a_verdict_with_reasons(tmp_path: Path) -> None:
    body = "Der Windpark liefert Strom in die Klinik. " * 200
    verdict = loaded(bert(tmp_path / "tiny", ("energy", "health"))).classify(ClassifiableText(TEXT, body))
    assert {reason.label for reason in verdict.reasons} >= set(verdict.themes)
    assert all(reason.passage in TEXT or reason.passage in body for reason in verdict.reasons)


def test_weights_without_a_trained_head_are_refused(tmp_path: Path) -> None:
    from transformers import BertModel

    folder = bert(tmp_path / "tiny", ("energy", "health"))
    config = (folder / "config.json").read_text("utf-8")
    BertModel.from_pretrained(folder).save_pretrained(folder)
    (folder / "config.json").write_text(config, "utf-8")
    with pytest.raises(ConfigError, match="no fine-tuned classifier"):
        loaded(folder)


def test_damaged_safetensors_are_named(tmp_path: Path) -> None:
    folder = bert(tmp_path / "tiny", ("energy", "health"))
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ConfigError, match="Fetch the model again"):
        loaded(folder)
    weights.write_bytes(b"")
    with pytest.raises(ConfigError, match="Fetch the model again"):
        loaded(folder)


def test_onnx_weights_come_first_where_a_model_has_both(tmp_path: Path) -> None:
    from tests.unit.classifier.tiny_models import sequence_classifier

    folder = bert(tmp_path / "tiny", ("energy", "health"))
    shutil.copytree(sequence_classifier(tmp_path / "other") / "onnx", folder / "onnx")
    assert scores(loaded(folder), "Der Windpark")["energy"] == pytest.approx(0.9526, abs=1e-4)


def test_a_device_that_is_not_there_is_named(tmp_path: Path) -> None:
    folder = bert(tmp_path / "tiny", ("energy", "health"))
    (tmp_path / "o.toml").write_text('device = "abacus"', "utf-8")
    with pytest.raises(ConfigError, match="abacus"):
        load_model(Settings(model=str(folder), model_options=tmp_path / "o.toml"))

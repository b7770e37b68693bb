"""Models of a few kilobytes with known words, in the form of the hub: ONNX, tokenizer and configuration."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
TOPICS: Mapping[str, Sequence[str]] = {  # a topic and the words that speak for it, in texts and in hypotheses
    "energy": ("energie", "énergie", "energy", "strom", "windpark", "électricité", "power"),
    "health": ("gesundheit", "santé", "health", "klinik", "hôpital", "hospital"),
}
WORDS = ("die", "der", "das", "neu", "und", "le", "la", "the", "new", "in", ".", "haus", "baut")
WEIGHT, BIAS = 6.0, -3.0  # logits: a known word makes .95 of .05


def sequence_classifier(folder: Path, labels: Sequence[str] = ("energy", "health"), **config: Any) -> Path:
    """A sequence classifier: the first label rises with each word of energy, the second with those of health."""
    _save_tokenizer(folder)
    _save_config(folder, labels, config)
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["found"]),
        helper.make_node("ReduceSum", ["found", "axis"], ["sum"], keepdims=0),
        helper.make_node("Add", ["sum", "bias"], ["logits"]),
    ]
    constants = {"table": _table() * WEIGHT, "axis": np.array([1]), "bias": np.array([BIAS], "float32")}
    return _save(folder, nodes, constants, ("input_ids", "attention_mask"), len(TOPICS))


def inference_model(folder: Path, labels: Sequence[str] = ("contradiction", "neutral", "entailment")) -> Path:
    """An inference model: entailment is likely where text and hypothesis have a topic in common."""
    _save_tokenizer(folder)
    _save_config(folder, labels, {})
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["found"]),
        helper.make_node("Cast", ["token_type_ids"], ["kind"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["kind", "last"], ["of_hypothesis"]),
        helper.make_node("Sub", ["one", "of_hypothesis"], ["of_text"]),
        helper.make_node("Mul", ["found", "of_hypothesis"], ["asked"]),
        helper.make_node("Mul", ["found", "of_text"], ["said"]),
        helper.make_node("ReduceSum", ["asked", "axis"], ["topics_asked"], keepdims=0),
        helper.make_node("ReduceSum", ["said", "axis"], ["topics_said"], keepdims=0),
        helper.make_node("Mul", ["topics_asked", "topics_said"], ["common"]),
        helper.make_node("ReduceSum", ["common", "axis"], ["score"], keepdims=1),
        helper.make_node("Mul", ["score", "by_label"], ["weighed"]),
        helper.make_node("Add", ["weighed", "bias"], ["logits"]),
    ]
    by_label = [WEIGHT if label.lower().startswith("entail") else 0.0 for label in labels]
    constants = {
        "table": _table(),
        "last": np.array([2]),
        "one": np.array([1.0], "float32"),
        "axis": np.array([1]),
        "by_label": np.array([by_label], "float32"),
        "bias": np.array([[BIAS if weight else 0.0 for weight in by_label]], "float32"),
    }
    return _save(folder, nodes, constants, ("input_ids", "attention_mask", "token_type_ids"), len(labels))


def vocabulary() -> Sequence[str]:
    return (*SPECIAL, *WORDS, *(word for words in TOPICS.values() for word in words))


def save_tokenizer(folder: Path) -> None:
    """The tokenizer alone."""
    _save_tokenizer(folder)


def _table() -> Any:
    """Word -> 1 for its topic."""
    rows = [[float(word in words) for words in TOPICS.values()] for word in vocabulary()]
    return np.array(rows, "float32")


def _save(
    folder: Path, nodes: Sequence[Any], constants: Mapping[str, Any], inputs: Sequence[str], labels: int
) -> Path:
    ids = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"]) for name in inputs]
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", labels])
    held = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(list(nodes), "tiny", ids, [logits], held)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    onnx.save(model, folder / "onnx" / "model.onnx")
    return folder


def _save_tokenizer(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    ids = {word: number for number, word in enumerate(vocabulary())}
    tokenizer = Tokenizer(models.WordLevel(ids, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])],
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    said = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 128}
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    (folder / "tokenizer_config.json").write_text(json.dumps(said | names), "utf-8")


def _save_config(folder: Path, labels: Sequence[str], config: Mapping[str, Any]) -> None:
    by_number = {str(number): label for number, label in enumerate(labels)}
    written = {"model_type": "bert", "id2label": by_number, "max_position_embeddings": 128, **config}
    (folder / "config.json").write_text(json.dumps(written), "utf-8")

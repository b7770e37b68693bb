"""The shipped encoder in floating point, to go on tuning from: its 8-bit weights times their scale.

What it was before it was rounded is not kept: 8 bits change 0.2 % of its decisions, tuning more than that.
"""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from transformers import AutoModel

from services.classifier.shipped import artefact
from services.classifier.training import fitting_weights
from services.classifier.training.encoders import Encoder

_BIAS: Final = ".bias"
_QUANTISED: Final = "_quantized"
_THROUGH: Final = ("Mul", "Cast")  # between a product of integers and the bias that is added to it


def revived(source: Path, like: Path, folder: Path) -> Encoder:
    """The encoder of the model in `source`, of the shape of the published one in `like`; `folder` keeps it."""
    if not (folder / "model.safetensors").is_file():
        weights = floats(onnx.load(source / artefact.ENCODER).graph)
        model: Any = AutoModel.from_pretrained(like, local_files_only=True)
        model.resize_token_embeddings(len(weights["embeddings.word_embeddings.weight"]))
        lacking, foreign = model.load_state_dict({k: torch.tensor(v) for k, v in weights.items()}, strict=False)
        fitting_weights.hold(str(source), lacking=lacking, foreign=foreign)
        model.save_pretrained(folder)
        shutil.copy(source / artefact.TOKENIZER, folder / "tokenizer.json")
    return Encoder(folder)


def floats(graph: Any) -> Mapping[str, np.ndarray]:
    """Name in the model -> weights in 32 bits."""
    known = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    kept = {name for name in known if name.startswith("_") and not name.endswith("_scale")}
    found = {_name(name): known[name] for name in kept if known[name].dtype == np.float32}
    for name in known:
        if name.startswith("_embeddings") and name.endswith(_QUANTISED):
            found[_name(name.removesuffix(_QUANTISED))] = _whole(known, name)
    for bias, weights in _products(graph):
        found[_name(bias.removesuffix(_BIAS) + ".weight")] = _whole(known, weights).T.copy()
    return found


def _products(graph: Any) -> Iterator[tuple[str, str]]:
    """The name of each bias and of the quantised matrix whose product it is added to."""
    made = {output: node for node in graph.node for output in node.output}
    for node in graph.node:
        bias = next((name for name in node.input if name.endswith(_BIAS)), None)
        if node.op_type == "Add" and bias:
            before = made[next(name for name in node.input if name != bias)]
            while before.op_type in _THROUGH:
                before = made[before.input[0]]
            yield bias, before.input[1]


def _whole(known: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    stem = name.removesuffix(_QUANTISED)
    scale, zero = known[f"{stem}_scale"], known[f"{stem}_zero_point"].astype(np.float32)
    whole: np.ndarray = ((known[name].astype(np.float32) - zero) * scale).astype(np.float32)
    return whole


def _name(name: str) -> str:
    """The name in the model of what the graph calls `name`."""
    return name.replace("_embeddings.", "embeddings.", 1).replace("_layers.", "encoder.layer.", 1)

"""The encoder as an ONNX graph with 8-bit weights: tokens in, token vectors out."""

from pathlib import Path
from typing import Any, Final

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from services.classifier.shipped.encoder import VECTORS
from services.classifier.training.encoders import Encoder

_INPUTS: Final = ("input_ids", "attention_mask")


class _Vectors(torch.nn.Module):  # type: ignore[misc]
    """Only the token vectors of what the encoder returns."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self._model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return self._model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state


def export(encoder: Encoder, file: Path) -> None:
    """Writes the graph in 32 bits to `file`; texts of any length, one at a time."""
    tokens = torch.export.Dim("tokens", min=2, max=512)
    example = {name: torch.ones(1, 16, dtype=torch.long) for name in _INPUTS}
    torch.onnx.export(
        _Vectors(encoder.model.eval()),
        kwargs=example,
        f=str(file),
        input_names=list(_INPUTS),
        output_names=[VECTORS],
        dynamic_shapes={name: {1: tokens} for name in _INPUTS},
        dynamo=True,
        external_data=False,
        verbose=False,
    )


def quantise(whole: Path, file: Path) -> None:
    """Writes the graph with 8-bit weights. Seven bits of them are used: processors without VNNI would overflow."""
    graph = onnx.load(whole)
    del graph.graph.value_info[:]  # shapes that the quantiser takes for contradictions
    stripped = file.with_suffix(".stripped.onnx")
    onnx.save(graph, stripped)
    quantize_dynamic(stripped, file, weight_type=QuantType.QInt8, reduce_range=True, per_channel=True)
    stripped.unlink()

"""The encoder as an ONNX graph with 8-bit weights: the tokens of one text in, their vectors out."""

from pathlib import Path
from typing import Any

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from services.classifier.shipped.encoder import TOKEN_IDS, VECTORS
from services.classifier.training.encoders import Encoder


class _Vectors(torch.nn.Module):  # type: ignore[misc]
    """The token vectors of one text. It has no padding, so no mask: without one the graph is a fifth faster."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        model.set_attn_implementation("eager")
        self._embeddings, self._layers = model.embeddings, model.encoder.layer

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        vectors = self._embeddings(input_ids=input_ids)
        for layer in self._layers:
            vectors = layer(vectors, None)
        return vectors


def export(encoder: Encoder, file: Path) -> None:
    """Writes the graph in 32 bits to `file`; texts of any length, one at a time."""
    tokens = torch.export.Dim("tokens", min=2, max=512)
    torch.onnx.export(
        _Vectors(encoder.model).eval(),
        kwargs={TOKEN_IDS: torch.ones(1, 16, dtype=torch.long)},
        f=str(file),
        input_names=[TOKEN_IDS],
        output_names=[VECTORS],
        dynamic_shapes={TOKEN_IDS: {1: tokens}},
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

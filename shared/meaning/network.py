"""The door to ONNX Runtime: the pieces of texts -> a vector of length 1 for each.

The network is described beside its arithmetic in 32 bits (`exact.py`); the graph computes its products in whole
numbers (`graph.py`). Texts are computed together, so that each matrix is read once; how a text's numbers are
rounded does not depend on its neighbours.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from shared.meaning.looks import neighbours
from shared.meaning.rows import WIDTH, Matrix, Rows

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

TOGETHER: Final = 384  # pieces that are computed at once: enough to share the reading of the matrices
ROWS, SCALE, OFFSET = "rows", "scale", "offset"  # of the pieces
AROUND: Final = "around"  # (pieces, places around each)
TEXTS: Final = "texts"  # (texts, pieces): 1 where the piece is of the text
SIZES: Final = "sizes"  # (texts, 1)
VECTORS: Final = "vectors"  # what comes out: (texts, WIDTH), of no certain length
_LEAST: Final = 1e-6  # the length of no vector
INPUTS: Final = (ROWS, SCALE, OFFSET, AROUND, TEXTS, SIZES)


class Network:
    """The rows of the pieces and a graph. Thread-safe."""

    def __init__(self, rows: Rows, graph: Path | bytes) -> None:
        """Raises ValueError for the graph of another network, and what ONNX Runtime raises for no graph."""
        self.rows, self._session = rows, _session(graph)
        if {each.name for each in self._session.get_inputs()} != set(INPUTS):
            raise ValueError("the graph is that of another network")

    def encode(self, texts: Sequence[Sequence[int]]) -> Matrix:
        """The vectors (texts, WIDTH) of texts, each given as the numbers of its pieces, at least one."""
        found = np.empty((len(texts), WIDTH), np.float32)
        first = 0
        while first < len(texts):
            last, size = first + 1, len(texts[first])
            while last < len(texts) and size + len(texts[last]) <= TOGETHER:
                size += len(texts[last])
                last += 1
            found[first:last] = self._encode(texts[first:last])
            first = last
        return found

    def _encode(self, texts: Sequence[Sequence[int]]) -> Matrix:
        vectors: Matrix = self._session.run([VECTORS], self._given(texts))[0]
        lengths: Matrix = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
        return np.asarray(vectors / np.maximum(lengths, _LEAST)[:, None], np.float32)

    def _given(self, texts: Sequence[Sequence[int]]) -> Mapping[str, NDArray[np.generic]]:
        sizes = np.array([len(text) for text in texts])
        rows, scale, offset = self.rows.whole(np.concatenate([np.asarray(text, np.int64) for text in texts]))
        of_text = np.repeat(np.arange(len(texts)), sizes) == np.arange(len(texts))[:, None]
        return {
            ROWS: rows,
            SCALE: scale,
            OFFSET: offset,
            AROUND: neighbours(sizes),
            TEXTS: of_text.astype(np.float32),
            SIZES: sizes[:, None].astype(np.float32),
        }


def _session(graph: Path | bytes) -> "InferenceSession":
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = False  # between two texts it would keep what the longest one took
    given = graph if isinstance(graph, bytes) else str(graph)
    return InferenceSession(given, options, providers=["CPUExecutionProvider"])

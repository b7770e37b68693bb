"""The door to ONNX Runtime and the tokenizer: a text -> its token vectors, and where each token stands.

One text at a time and one thread: batches would buy nothing, and would make a verdict depend on its neighbours.
The tokenizer is read by `tokenizers`, on which transformers' own tokenizers rest: the same tokens, without the
second that importing transformers takes.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

TOKENS: Final = 128  # of a window that are read: more cost time and brought nothing on held-out texts
TOKEN_IDS: Final = "input_ids"  # the input of the graph: (1, tokens)
VECTORS: Final = "vectors"  # its output: (1, tokens, width)


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token vectors (tokens, width), and the letters each token stands for: (start, end), empty for signs."""

    vectors: NDArray[np.float32]
    places: tuple[tuple[int, int], ...]


class Encoder:
    """A sentence encoder. Thread-safe; loaded when made."""

    def __init__(self, graph: Path, tokenizer: Path) -> None:
        """Raises what the two packages raise on files that are not theirs."""
        self._session = _session(graph)
        self._tokenizer = _tokenizer(tokenizer)

    def encode(self, text: str) -> Encoded:
        """The first `TOKENS` tokens of the text."""
        read = self._tokenizer.encode(text)
        vectors = self._session.run([VECTORS], {TOKEN_IDS: np.array([read.ids], np.int64)})[0][0]
        return Encoded(vectors, tuple(read.offsets))


def _session(graph: Path) -> "InferenceSession":
    from onnxruntime import GraphOptimizationLevel, InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 4
    return InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


def _tokenizer(file: Path) -> "Tokenizer":
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_padding()
    tokenizer.enable_truncation(TOKENS)
    return tokenizer

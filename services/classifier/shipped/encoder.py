"""The door to ONNX Runtime and the tokenizer: a text -> its token vectors, and where each token stands.

One text at a time and one thread: batches would buy nothing, and would make a verdict depend on its neighbours.
The tokenizer is read by `tokenizers`, on which transformers' own tokenizers rest: the same tokens, without the
second that importing transformers takes.
"""

import zlib
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from services.classifier.shipped.tables import large_tables

if TYPE_CHECKING:
    from onnxruntime import InferenceSession, OrtValue
    from tokenizers import Tokenizer

TOKENS: Final = 128  # of a window that are read: more cost time and brought nothing on held-out texts
TOKEN_IDS: Final = "input_ids"  # the input of the graph: (1, tokens)
VECTORS: Final = "vectors"  # its output: (1, tokens, width)
_SLOWER: Final = ("SkipLayerNormFusion",)  # sum and levelling in one step take five times what two steps take


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token vectors (tokens, width), and the letters each token stands for: (start, end), empty for signs."""

    vectors: NDArray[np.float32]
    places: tuple[tuple[int, int], ...]


class Encoder:
    """A sentence encoder. Thread-safe; loaded when made."""

    def __init__(self, graph: Path, tokenizer: Path) -> None:
        """Raises what the two packages raise on files that are not theirs."""
        self._session, self._tables = _session(graph)
        content = tokenizer.read_bytes()
        self._content = zlib.compress(content)  # the file may be another one by the time that it is read again
        self._tokenizer: Tokenizer | None = _tokenizer(content)
        self._lock = Lock()

    def encode(self, text: str) -> Encoded:
        """The first `TOKENS` tokens of the text."""
        read = self._loaded().encode(text)
        vectors = self._session.run([VECTORS], {TOKEN_IDS: np.array([read.ids], np.int64)})[0][0]
        return Encoded(vectors, tuple(read.offsets))

    def rest(self) -> None:
        """Give up the tokenizer until the next text: 15 MB."""
        with self._lock:
            self._tokenizer = None

    def _loaded(self) -> "Tokenizer":
        with self._lock:
            if self._tokenizer is None:
                self._tokenizer = _tokenizer(zlib.decompress(self._content))
            return self._tokenizer


def _session(graph: Path) -> "tuple[InferenceSession, tuple[OrtValue, ...]]":
    """The session, and what must live as long as it does: tables that it reads from the disk."""
    from onnxruntime import GraphOptimizationLevel, InferenceSession, OrtValue, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = False  # between two texts it would keep what the longest one took
    tables = {name: OrtValue.ortvalue_from_numpy(table) for name, table in large_tables(graph).items()}
    for name, table in tables.items():
        options.add_initializer(name, table)
    session = InferenceSession(
        str(graph), options, providers=["CPUExecutionProvider"], disabled_optimizers=_SLOWER
    )
    return session, tuple(tables.values())


def _tokenizer(content: bytes) -> "Tokenizer":
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_buffer(content)
    tokenizer.no_padding()
    tokenizer.enable_truncation(TOKENS)
    return tokenizer

"""The door to ONNX Runtime and the tokenizer: a text -> its token vectors, and where each token stands.

One text at a time and one thread: batches would buy nothing, and would make a verdict depend on its neighbours.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from transformers import PreTrainedTokenizerFast

TOKENS: Final = 160  # of a text that are read
VECTORS: Final = "vectors"  # the output of the graph: (1, tokens, width)


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
        read: Any = self._tokenizer(
            text, truncation=True, max_length=TOKENS, return_offsets_mapping=True, return_token_type_ids=False
        )
        ids = np.array([read["input_ids"]], np.int64)
        vectors = self._session.run([VECTORS], {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
        return Encoded(vectors, tuple((int(start), int(end)) for start, end in read["offset_mapping"]))


def _session(graph: Path) -> "InferenceSession":
    from onnxruntime import GraphOptimizationLevel, InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 4
    return InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


def _tokenizer(file: Path) -> "PreTrainedTokenizerFast":
    from transformers import PreTrainedTokenizerFast  # AutoTokenizer would import torch where it is installed

    signs = {f"{sign}_token": f"[{sign.upper()}]" for sign in ("pad", "unk", "cls", "sep", "mask")}
    return PreTrainedTokenizerFast(tokenizer_file=str(file), **signs)  # type: ignore[no-untyped-call]

"""Makes the network's graph with products in whole numbers, from its matrices in floating point.

A row of pieces is whole already (six bits); what the looks read is rounded to eight, each column by how large it
became on texts that were read in 32 bits, so that no text's rounding depends on its neighbours. The matrices that
look have seven bits: two products of eight would overflow on processors without VNNI. What is summed over a text,
and what follows, stays in floating point: it is little.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from shared.meaning.exact import Dense
from shared.meaning.looks import LOOKS, columns
from shared.meaning.network import AROUND, OFFSET, ROWS, SCALE, SIZES, TEXTS, VECTORS
from shared.meaning.rows import WIDTH, Matrix

_OPSET: Final = 20
_FORMAT: Final = 10  # of the file
_OWN: Final = "com.microsoft"
_MOST: Final = 127  # of a whole number
_HALF: Final = 63  # of those that meet eight bits without a sign
_ZERO: Final = 128  # the eight bits that stand for nothing
_NEVER_LESS: Final = 1e-3  # so large a column is taken to be at least
_LAYERS: Final = ("first", "second")


def graph(dense: Dense, largest: Mapping[str, Matrix]) -> bytes:
    """The file. `largest` names for each layer of a look how large the columns that it reads become."""
    made = _Graph()
    made.constant("one", np.float32(1))
    made.constant("zero", np.uint8(_ZERO))
    narrow = _narrow(made, dense)
    made.constant("nothing", np.full((1, dense["first2"].shape[1]), _ZERO, np.uint8))
    parts = [_look(made, dense, largest, narrow[n], *look) for n, look in enumerate(LOOKS)]
    pieces = made("Add", made("Mul", made("Cast", ROWS, to=TensorProto.FLOAT), SCALE), OFFSET)
    seen = made("Concat", pieces, *parts, axis=1)
    level = made(
        "LayerNormalization",
        seen,
        *made.halves(dense, "level_gain", "level_bias"),
        axis=-1,
        epsilon=float(dense["least"]),
    )
    _head(made, dense, made("MatMul", TEXTS, level))
    return made.written()


class _Graph:
    """Nodes and constants, as they are added."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def __call__(self, operation: str, *given: str, domain: str = "", **how: Any) -> str:
        """Adds a node with one output; its name."""
        return self.several(operation, [f"{operation}_{len(self._nodes)}"], *given, domain=domain, **how)[0]

    def several(self, operation: str, outputs: Sequence[str], *given: str, **how: Any) -> Sequence[str]:
        """Adds a node with these outputs."""
        self._nodes.append(helper.make_node(operation, given, outputs, **how))
        return outputs

    def constant(self, name: str, value: Any) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value).reshape(value.shape), name))
        return name

    def halves(self, dense: Dense, *names: str) -> list[str]:
        """Matrices as they are kept, in 16 bits; they are widened when the graph is loaded."""
        return [
            self("Cast", self.constant(name, dense[name].astype(np.float16)), to=TensorProto.FLOAT)
            for name in names
        ]

    def product(self, whole: str, name: str, matrix: Matrix, zero: str, most: int, bias: str = "") -> str:
        """Whole numbers times a matrix that is rounded column by column."""
        rounded, scale = _rounded(matrix, most)
        given = (self.constant(f"{name}_whole", rounded), "one", self.constant(f"{name}_scale", scale))
        return self("MatMulIntegerToFloat", whole, *given, zero, "", bias, domain=_OWN)

    def written(self) -> bytes:
        def value(name: str, kind: int, *shape: str | int) -> Any:
            return helper.make_tensor_value_info(name, kind, shape)

        inputs = [
            value(ROWS, TensorProto.UINT8, "pieces", WIDTH),
            value(SCALE, TensorProto.FLOAT, "pieces", 1),
            value(OFFSET, TensorProto.FLOAT, "pieces", 1),
            value(AROUND, TensorProto.INT64, "pieces", LOOKS[-1][0]),
            value(TEXTS, TensorProto.FLOAT, "texts", "pieces"),
            value(SIZES, TensorProto.FLOAT, "texts", 1),
        ]
        outputs = [value(VECTORS, TensorProto.FLOAT, "texts", WIDTH)]
        made = helper.make_graph(self._nodes, "meaning", inputs, outputs, self._constants)
        domains = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_OWN, 1)]
        content: bytes = helper.make_model(made, opset_imports=domains, ir_version=_FORMAT).SerializeToString()
        return content


def _narrow(made: _Graph, dense: Dense) -> Sequence[str]:
    """What each look begins with: the pieces (rows times their scale and moved), narrowed and levelled."""
    matrix = dense["narrow"]
    rounded, scale = _rounded(matrix, _MOST)
    made.constant("none", np.uint8(0))
    moved = made.constant("narrow_sum", (rounded * scale).sum(0))  # of what was rounded, so that it cancels out
    turned = made("Mul", made.product(ROWS, "narrow", matrix, "none", _MOST), SCALE)
    there = made("Add", turned, made("Mul", OFFSET, moved))
    gain, level, bias = made.halves(dense, "narrow_gain", "narrow_level", "narrow_bias")
    levelled = made(
        "LayerNormalization", made("Add", there, bias), gain, level, axis=-1, epsilon=float(dense["least"])
    )
    made.constant("thirds", np.full(len(LOOKS), matrix.shape[1] // len(LOOKS), np.int64))
    return made.several("Split", [f"narrow{wide}" for wide, _ in LOOKS], levelled, "thirds", axis=1)


def _look(made: _Graph, dense: Dense, largest: Mapping[str, Matrix], seen: str, wide: int, left: int) -> str:
    """Two layers over the neighbours, each added to what it was made of."""
    places = made(
        "Gather", AROUND, made.constant(f"columns{wide}", np.array(columns(wide, left), np.int64)), axis=1
    )
    width = dense[f"first{wide}"].shape[1]
    shape = made.constant(f"shape{wide}", np.array([-1, wide * width], np.int64))
    for layer in (f"{each}{wide}" for each in _LAYERS):
        unit = np.maximum(largest[layer], _NEVER_LESS) / _MOST
        times = made.constant(f"{layer}_unit", (1 / unit).astype(np.float32))
        whole = made("QuantizeLinear", made("Mul", seen, times), "one", "zero")
        framed = made("Reshape", made("Gather", made("Concat", whole, "nothing", axis=0), places, axis=0), shape)
        matrix = np.asarray(dense[layer] * np.tile(unit, wide)[:, None], np.float32)
        (bias,) = made.halves(dense, f"{layer}_bias")
        seen = made("Add", made("Relu", made.product(framed, layer, matrix, "zero", _HALF, bias)), seen)
    return seen


def _head(made: _Graph, dense: Dense, summed: str) -> None:
    mix, bias = made.halves(dense, "mix", "mix_bias")
    mixed = made("Add", made("MatMul", summed, mix), made("Mul", SIZES, bias))
    mixed = made("Div", mixed, made("Sqrt", SIZES))
    names = ("head0", "head1", "head2", "head3", "skip1", "skip3")
    head0, head1, head2, head3, skip1, skip3 = made.halves(dense, *names)
    first = made("Relu", made("MatMul", mixed, head0))
    second = made("Relu", made("Add", made("MatMul", mixed, skip1), made("MatMul", first, head1)))
    third = made("Relu", made("MatMul", second, head2))
    both = made("Add", made("MatMul", second, skip3), made("MatMul", third, head3))
    made.several("Tanh", [VECTORS], both)


def _rounded(matrix: Matrix, most: int) -> tuple[NDArray[np.int8], Matrix]:
    """Whole numbers, and by what each column of them is multiplied."""
    scale = (np.abs(matrix).max(0) / most).astype(np.float32)
    return np.rint(matrix / scale).astype(np.int8), scale

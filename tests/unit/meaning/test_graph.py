"""What the graph computes in whole numbers is what the arithmetic in 32 bits says, but for rounding."""

import numpy as np
import pytest

from shared.meaning.exact import Dense, Exact
from shared.meaning.graph import graph
from shared.meaning.looks import LOOKS
from shared.meaning.network import Network
from shared.meaning.rows import WIDTH, Rows, packed

PIECES, NARROW, INNER = 50, 8, 16
DRAWN = np.random.default_rng(3)
ALL = WIDTH + NARROW * len(LOOKS)


def drawn(*shape: int) -> np.ndarray:
    return DRAWN.normal(0, 1 / np.sqrt(shape[0]), shape).astype(np.float16).astype(np.float32)


@pytest.fixture(scope="module")
def exact() -> Exact:
    sizes = {
        "narrow": (WIDTH, NARROW * len(LOOKS)), "mix": (ALL, WIDTH), "head0": (WIDTH, INNER),
        "head1": (INNER, INNER), "head2": (INNER, INNER), "head3": (INNER, WIDTH), "skip1": (WIDTH, INNER),
        "skip3": (INNER, WIDTH),
        **{f"{layer}{wide}": (wide * NARROW, NARROW) for wide, _ in LOOKS for layer in ("first", "second")},
    }  # fmt: skip
    dense: Dense = {
        **{name: drawn(*shape) for name, shape in sizes.items()},
        **{f"{name}_bias": drawn(shape[1]) for name, shape in sizes.items()},
        **{name: 1 + drawn(size) for name, size in (("level_gain", ALL), ("narrow_gain", NARROW * len(LOOKS)))},
        **{name: drawn(size) for name, size in (("level_bias", ALL), ("narrow_level", NARROW * len(LOOKS)))},
        "least": np.float32(1e-6) * np.ones(()),
    }
    rows = packed(DRAWN.integers(0, 64, (PIECES, WIDTH), np.uint8))
    group = DRAWN.integers(0, 2, PIECES).astype(np.uint8)
    return Exact(Rows(rows, group, np.float32([0.2, 0.1]), np.float32([-6, -3])), dense)


def test_it_computes_what_the_arithmetic_says(exact: Exact) -> None:
    texts = [DRAWN.integers(0, PIECES, size).tolist() for size in (1, 2, 7, 40, 200, 300)]
    wanted = np.concatenate([exact.encode([text]) for text in texts])
    found = Network(exact.rows, graph(exact.dense, exact.largest)).encode(texts)
    assert np.einsum("ij,ij->i", found, wanted).min() > 0.999


def test_what_became_larger_than_ever_is_cut_off_and_no_more(exact: Exact) -> None:
    texts = [DRAWN.integers(0, PIECES, 30).tolist()]
    wanted = exact.encode(texts)
    half = {layer: most / 2 for layer, most in exact.largest.items()}
    found = Network(exact.rows, graph(exact.dense, half)).encode(texts)
    assert 0.9 < float((found @ wanted.T)[0, 0]) < 0.9999

"""What is large in the graph of the shipped encoder stays on the disk, and the encoder says the same."""

from pathlib import Path

import numpy as np
import pytest

from services.classifier.shipped.artefact import ENCODER, SHIPPED, TOKENIZER
from services.classifier.shipped.encoder import TOKEN_IDS, VECTORS, Encoder
from services.classifier.shipped.tables import LARGE, large_tables

TEXT = "Das Institut eröffnet ein Rechenzentrum. L'institut ouvre un centre de calcul."


def test_the_rows_of_words_stay_on_the_disk() -> None:
    tables = large_tables(SHIPPED / ENCODER)
    assert len(tables) == 1
    assert all(isinstance(table, np.memmap) and table.nbytes > LARGE for table in tables.values())


def test_the_encoder_says_what_it_says_with_all_in_memory() -> None:
    from onnxruntime import InferenceSession

    encoder = Encoder(SHIPPED / ENCODER, SHIPPED / TOKENIZER)
    whole = InferenceSession(str(SHIPPED / ENCODER), providers=["CPUExecutionProvider"])
    ids = encoder._loaded().encode(TEXT).ids
    plain = whole.run([VECTORS], {TOKEN_IDS: np.array([ids], np.int64)})[0][0]
    found = encoder.encode(TEXT)
    assert np.allclose(found.vectors, plain, atol=1e-5)
    encoder.rest()
    assert encoder._tokenizer is None
    again = encoder.encode(TEXT)  # what it gave up is there again, and says the same
    assert again.places == found.places
    assert np.array_equal(again.vectors, found.vectors)


@pytest.mark.parametrize("content", [b"", b"no graph", bytes(range(256)) * 100, b"\x3a\xff\xff\xff\xff\x0f"])
def test_what_is_no_graph_has_none(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "encoder.onnx"
    file.write_bytes(content)
    assert large_tables(file) == {}


def test_a_graph_that_ends_early_has_none(tmp_path: Path) -> None:
    file = tmp_path / "encoder.onnx"
    file.write_bytes((SHIPPED / ENCODER).read_bytes()[:30_000_000])
    assert large_tables(file) == {}

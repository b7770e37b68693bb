"""A model comes from a hub once, through our own client, and then works without it. In processes of their own:

huggingface_hub reads the address of the hub when it is imported, which the one they are forked from has not done.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.pipeline.commands import commands
from tests.unit.classifier.hub_server import COMMIT, HubServer
from tests.unit.classifier.tiny_models import sequence_classifier

LOOPBACK = {"VIGIE_ALLOWED_NETWORKS": "127.0.0.0/8"}
LINE = json.dumps({"id": 1, "title": "Der Windpark", "text": ""})


def classify(home: Path, model: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """`vigie classify --jsonl` of one line."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "VIGIE_"))}
    environment = kept | {"HF_HOME": str(home), "VIGIE_MODEL": model, **settings}
    return commands().run(("classify", "--jsonl"), environment, Path.cwd(), stdin=LINE)


def verdict(done: subprocess.CompletedProcess[str]) -> Mapping[str, object]:
    assert done.returncode == 0, done.stderr
    found: Mapping[str, object] = json.loads(done.stdout)
    return found


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The one line on stderr that ends it."""
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


def test_a_model_is_downloaded_once_and_works_offline_then(tmp_path: Path) -> None:
    folder, home = sequence_classifier(tmp_path / "tiny"), tmp_path / "home"
    (folder / "pytorch_model.bin").write_bytes(b"pickled")
    with HubServer("example/tiny", folder) as hub:
        first = verdict(classify(home, "hf:example/tiny", HF_ENDPOINT=hub.url, **LOOPBACK))
        asked = len(hub.requests)
        again = verdict(classify(home, "hf:example/tiny", HF_ENDPOINT=hub.url, **LOOPBACK))
    assert first["themes"] == ["energy"]
    assert str(first["model"]).startswith(f"hf:example/tiny@{COMMIT[:8]}.")
    assert any("/onnx/model.onnx" in request for request in hub.requests)
    assert not any(".bin" in request for request in hub.requests)
    assert (again, len(hub.requests)) == (first, asked), "what is in the cache is not asked for again"
    assert verdict(classify(home, f"hf:example/tiny@{COMMIT}", HF_HUB_OFFLINE="1")) == first


def test_a_model_that_the_hub_does_not_have(tmp_path: Path) -> None:
    with HubServer("example/tiny", sequence_classifier(tmp_path / "tiny")) as hub:
        said = refusal(classify(tmp_path, "hf:example/tinny", HF_ENDPOINT=hub.url, **LOOPBACK))
    assert "no such model" in said
    assert "example/tinny" in said


def test_a_hub_that_nobody_allowed_is_not_reached(tmp_path: Path) -> None:
    with HubServer("example/tiny", sequence_classifier(tmp_path / "tiny")) as hub:
        said = refusal(classify(tmp_path, "hf:example/tiny", HF_ENDPOINT=hub.url))
    assert hub.requests == []
    assert "VIGIE_ALLOWED_NETWORKS" in said


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9", "http://hub.invalid"])
def test_a_hub_that_does_not_answer(endpoint: str, tmp_path: Path) -> None:
    said = refusal(classify(tmp_path, "hf:example/tiny", HF_ENDPOINT=endpoint, **LOOPBACK))
    assert endpoint in said
    assert "name a folder" in said


def test_weights_in_other_formats_are_not_even_downloaded(tmp_path: Path) -> None:
    folder = sequence_classifier(tmp_path / "tiny")
    (folder / "onnx" / "model.onnx").rename(folder / "pytorch_model.bin")
    with HubServer("example/tiny", folder) as hub:
        said = refusal(classify(tmp_path, "hf:example/tiny", HF_ENDPOINT=hub.url, **LOOPBACK))
    assert "can run code" in said
    assert not any("resolve" in request for request in hub.requests)

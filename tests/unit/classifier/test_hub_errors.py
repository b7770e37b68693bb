"""What is wrong with a model, its files or its options is said in a sentence, when it is loaded."""

import json
import shutil
from pathlib import Path

import pytest

from services.classifier.hub.options import Options, load_options
from services.classifier.hub.reference import Repository, parse
from services.classifier.load import load_model
from shared.config import Settings
from shared.errors import ConfigError
from tests.unit.classifier.tiny_models import inference_model, save_tokenizer, sequence_classifier


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return sequence_classifier(tmp_path / "tiny")


def refusal(folder: Path, options: str = "") -> str:
    """What is said instead of loading the model."""
    file = folder.parent / "options.toml"
    file.write_text(options, "utf-8")
    with pytest.raises(ConfigError) as refused:
        load_model(Settings(model=str(folder), model_options=file))
    said = str(refused.value)
    assert "\n" not in said
    assert "Traceback" not in said
    return said


def test_a_reference_is_a_repository_or_a_folder() -> None:
    assert parse("hf:org/name") == Repository("org/name")
    assert parse("hf:org/name@v1.2") == Repository("org/name", "v1.2")
    assert parse("./name") == Path("name")
    assert parse("/models/name") == Path("/models/name")


@pytest.mark.parametrize("model", ["hf:", "hf:name", "hf:a/b/c", "hf:org/../x", "lexikon", "hf:org/na me"])
def test_what_is_neither_is_refused_with_what_would_be_right(model: str) -> None:
    with pytest.raises(ConfigError, match="hf:ORG/NAME"):
        parse(model)


def test_a_folder_that_is_missing_or_a_file(folder: Path) -> None:
    assert "does not exist" in refusal(folder / "nothing")
    assert "is a file" in refusal(folder / "config.json")


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "onnx/model.onnx"])
def test_a_damaged_file_is_named(name: str, folder: Path) -> None:
    (folder / name).write_bytes((folder / name).read_bytes()[:50])
    said = refusal(folder)
    assert "Fetch the model again" in said
    assert str(folder) in said


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "onnx/model.onnx"])
def test_an_empty_or_missing_file_is_named(name: str, folder: Path) -> None:
    (folder / name).write_bytes(b"")
    assert str(folder) in refusal(folder)
    (folder / name).unlink()
    if name == "tokenizer.json":
        (folder / "tokenizer_config.json").unlink()
    assert str(folder) in refusal(folder)


def test_weights_that_are_no_classifier_are_refused(folder: Path, tmp_path: Path) -> None:
    shutil.copy(inference_model(tmp_path / "other") / "onnx" / "model.onnx", folder / "onnx" / "model.onnx")
    assert "do not belong together" in refusal(folder)


def test_pickled_weights_are_not_loaded(folder: Path) -> None:
    shutil.rmtree(folder / "onnx")
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04")
    said = refusal(folder)
    assert "can run code" in said
    assert "model.safetensors" in said


def test_other_weights_that_are_asked_for_but_are_not_there(folder: Path) -> None:
    assert "onnx/model_int8.onnx" in refusal(folder, 'weights = "onnx/model_int8.onnx"')


def test_safetensors_without_torch_say_what_to_install(folder: Path) -> None:
    if _has_torch():
        pytest.skip("torch is installed here")
    shutil.rmtree(folder / "onnx")
    (folder / "model.safetensors").write_bytes(b"")
    assert "pip install '.[models]'" in refusal(folder)


def test_labels_that_map_to_nothing_are_listed_with_what_to_write(tmp_path: Path) -> None:
    said = refusal(sequence_classifier(tmp_path / "tiny", ("LABEL_0", "LABEL_1")))
    assert "LABEL_0, LABEL_1" in said
    assert "[labels]" in said


def test_a_model_without_entailment_is_no_inference_model(folder: Path) -> None:
    assert "means entailment" in refusal(folder, 'kind = "zero-shot-nli"')


def test_a_window_without_room_for_a_text(tmp_path: Path) -> None:
    assert "Raise max_tokens" in refusal(inference_model(tmp_path / "tiny"), "max_tokens = 20")


def test_a_device_that_is_not_there(folder: Path) -> None:
    assert "Write cpu" in refusal(folder, 'device = "abacus"')


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ("treshold = 0.5", "Did you mean threshold?"),
        ("threshold = 2", "between 0 and 1"),
        ("threshold = true", "between 0 and 1"),
        ("thresholds = {enrgy = 0.5}", "Did you mean energy?"),
        ('labels = {"energy" = "enrgy"}', "Did you mean energy?"),
        ('labels = {"nothing" = "energy"}', "has not"),
        ('kind = "nli"', "zero-shot-nli"),
        ("max_tokens = 1", "from 16"),
        ("windows = 0", "from 1"),
        ('offline = "yes"', "true or false"),
        ("device = 3", "in quotes"),
        ("hypotheses = 3", "must be a table"),
        ('hypotheses.energy.de = "Strom."', "de, fr, en"),
        ('lexicon = ["energy", "health"]', "none of Vigie's labels"),
        ("a = = b", "not valid TOML"),
    ],
)
def test_a_wrong_option_is_named_with_what_would_be_right(options: str, hint: str, folder: Path) -> None:
    assert hint in refusal(folder, options)


def test_options_that_cannot_be_read_or_have_no_model_to_hold_for(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="VIGIE_MODEL_OPTIONS"):
        load_options(tmp_path / "nothing.toml")
    with pytest.raises(ConfigError, match="has no options"):
        load_model(Settings(model_options=tmp_path / "options.toml"))


def test_every_label_has_a_hypothesis_in_every_language() -> None:
    hypotheses = load_options(None).hypotheses
    assert {len(said) for said in hypotheses.values()} == {3}
    assert len(hypotheses) == 14


def test_only_what_changes_verdicts_changes_the_digest() -> None:
    assert Options(device="cuda").digest() == Options().digest()
    assert Options(threshold=0.6).digest() != Options().digest()


def test_a_hub_model_offline_and_not_in_the_cache(tmp_path: Path) -> None:
    (tmp_path / "o.toml").write_text(f'cache_dir = "{tmp_path / "cache"}"', "utf-8")
    with pytest.raises(ConfigError, match="not in the cache") as refused:
        load_model(Settings(model="hf:example/model", model_options=tmp_path / "o.toml"))
    assert "HF_HUB_OFFLINE" in str(refused.value)


def test_a_hub_model_in_the_cache_needs_no_network(tmp_path: Path) -> None:
    place, commit = tmp_path / "models--example--model", "a1" * 20
    sequence_classifier(place / "snapshots" / commit)
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text(commit, "ascii")
    (tmp_path / "o.toml").write_text(f'cache_dir = "{tmp_path}"\noffline = true', "utf-8")
    model = load_model(Settings(model="hf:example/model", model_options=tmp_path / "o.toml"))
    assert model.name.startswith("hf:example/model@a1a1a1a1.")
    (place / "snapshots" / commit / "onnx" / "model.onnx").unlink()
    with pytest.raises(ConfigError, match="offline is set in the options"):
        load_model(Settings(model="hf:example/model", model_options=tmp_path / "o.toml"))


def test_a_tokenizer_alone_is_no_model(tmp_path: Path) -> None:
    save_tokenizer(tmp_path / "tiny")
    (tmp_path / "tiny" / "config.json").write_text(json.dumps({"id2label": {"0": "energy"}}), "utf-8")
    assert "has no weights" in refusal(tmp_path / "tiny")


def _has_torch() -> bool:
    from importlib.util import find_spec

    return find_spec("torch") is not None

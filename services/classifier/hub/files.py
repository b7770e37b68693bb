"""What lies in the folder of a model: its labels, its weights, what they run on, and a digest of it all.

Weights are ONNX or safetensors. Pickled weights (`pytorch_model.bin`) can run code, so they are never loaded.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final

from services.classifier.hub.options import Options
from shared.errors import ConfigError

ONNX: Final = (  # in order of preference: full precision first
    "model.onnx",
    "onnx/model.onnx",
    "model_quantized.onnx",
    "onnx/model_quantized.onnx",
    "model_int8.onnx",
    "onnx/model_int8.onnx",
)
SAFETENSORS: Final = ("model.safetensors", "model.safetensors.index.json")
CONFIG: Final = "config.json"
TEXTS: Final = ("*.json", "*.txt", "*.model")  # configuration and tokenizer
_SANE: Final = 1_000_000  # tokenizers without a limit claim more
_OFFSET: Final = ("roberta", "xlm-roberta", "camembert")  # whose first positions are never used
_CHUNK: Final = 1 << 20


class Runtime(Enum):
    ONNX = "ONNX Runtime"
    TORCH = "torch"


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A folder that can be loaded. `labels` are the model's own, in the order of its logits."""

    path: Path
    labels: tuple[str, ...]
    weights: str
    runtime: Runtime
    exclusive: bool  # the model was trained to choose one label of all
    positions: int  # tokens that it can read at most

    def digest(self) -> str:
        """Eight characters that change with the weights, the configuration and the tokenizer. Reads them all."""
        whole = hashlib.sha256()
        texts = (path for pattern in TEXTS for path in self.path.glob(pattern))
        weights = self.path.rglob("*.safetensors") if self.runtime is Runtime.TORCH else self._onnx_files()
        for path in sorted({*texts, *weights}):
            whole.update(path.relative_to(self.path).as_posix().encode() + b"\0")
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    whole.update(chunk)
        return whole.hexdigest()[:8]

    def _onnx_files(self) -> Iterable[Path]:
        """The graph, and the files beside it that hold its large tensors."""
        return (self.path / self.weights).parent.glob(f"{Path(self.weights).name}*")


def chosen_weights(names: Sequence[str], wanted: str) -> tuple[str, Runtime] | None:
    """Which of the files in a folder to load: the wanted one, else ONNX before safetensors. None: none of them."""
    if wanted:
        runtime = Runtime.ONNX if wanted.endswith(".onnx") else Runtime.TORCH
        return (wanted, runtime) if wanted in names and wanted.endswith((".onnx", *SAFETENSORS)) else None
    for candidates, runtime in ((ONNX, Runtime.ONNX), (SAFETENSORS, Runtime.TORCH)):
        for name in candidates:
            if name in names:
                return name, runtime
    return None


def no_weights(where: str, names: Sequence[str], wanted: str) -> ConfigError:
    """What to say when none of the files can be loaded."""
    looked = wanted or "model.onnx, onnx/model.onnx or model.safetensors"
    pickled = any(name.endswith((".bin", ".pt", ".h5", ".msgpack")) for name in names)
    why = " Weights in other formats can run code and are not loaded: convert them first." if pickled else ""
    return ConfigError(f"{where} has no weights that Vigie loads: there is no {looked}.{why}")


def read_folder(path: Path, options: Options) -> ModelFolder:
    """What the folder holds. Raises ConfigError for one that is missing, incomplete or damaged."""
    if not path.is_dir():
        what = "is a file; name the folder that it lies in" if path.exists() else "does not exist"
        raise ConfigError(f"VIGIE_MODEL names {path}, which {what}.")
    names = [file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file()]
    config = _json(path / CONFIG)
    chosen = chosen_weights(names, options.weights)
    if not chosen:
        raise no_weights(f"the model folder {path}", names, options.weights)
    return ModelFolder(
        path=path,
        labels=_labels(path / CONFIG, config),
        weights=chosen[0],
        runtime=chosen[1],
        exclusive=config.get("problem_type") == "single_label_classification",
        positions=_positions(config),
    )


def _json(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}. Is {path.parent} a model's folder?"
        ) from error
    except ValueError as error:
        raise ConfigError(f"{path} is damaged: {error}. Fetch the model again.") from error
    if not isinstance(found, dict):
        raise ConfigError(f"{path} is damaged: an object was expected. Fetch the model again.")
    return found


def _labels(path: Path, config: Mapping[str, Any]) -> tuple[str, ...]:
    """transformers' own names where the configuration gives none: LABEL_0, LABEL_1."""
    found = config.get("id2label") or {"0": "LABEL_0", "1": "LABEL_1"}
    try:
        by_number = {int(number): str(label) for number, label in found.items()}
    except (AttributeError, ValueError) as error:
        raise ConfigError(f"{path} is damaged: id2label is no list of numbered labels.") from error
    if sorted(by_number) != list(range(len(by_number))):
        raise ConfigError(f"{path} is damaged: the labels are not numbered from 0.")
    return tuple(by_number[number] for number in range(len(by_number)))


def _positions(config: Mapping[str, Any]) -> int:
    found = config.get("max_position_embeddings")
    if not isinstance(found, int) or not 0 < found < _SANE:
        return _SANE
    return found - 2 if config.get("model_type") in _OFFSET else found

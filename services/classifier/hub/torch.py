"""A model on torch, through transformers' pipeline: the door to both. torch is the extra `models`."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from threading import Lock
from typing import Any, Final

from services.classifier.hub.engine import Logits, Pair
from services.classifier.hub.files import ModelFolder
from services.classifier.hub.tokens import Tokens
from shared.errors import ConfigError, Unprocessable

_BATCH: Final = 16  # on an accelerator; on a processor padding costs more than a batch saves


class TorchEngine:
    """A text-classification pipeline that gives logits. Thread-safe: one call at a time."""

    def __init__(self, pipe: Any, labels: Sequence[str], most: int, batch: int) -> None:
        self._pipe, self._labels, self._most, self._batch = pipe, labels, most, batch
        self._lock = Lock()

    def logits(self, pairs: Sequence[Pair]) -> Sequence[Logits]:
        """See the port."""
        inputs = [_as_input(pair) for pair in pairs]
        try:
            with self._lock:
                answers = self._pipe(
                    inputs,
                    top_k=None,
                    function_to_apply="none",
                    batch_size=self._batch,
                    truncation="only_first",
                    max_length=self._most,
                )
        except (RuntimeError, IndexError, ValueError) as error:
            raise Unprocessable(f"the model failed on a text: {_short(error)}") from error
        return [self._in_order(answer) for answer in answers]

    def _in_order(self, answer: Sequence[Mapping[str, Any]]) -> Logits:
        by_label = {said["label"]: float(said["score"]) for said in answer}
        return [by_label[label] for label in self._labels]


def load_torch(folder: ModelFolder, tokens: Tokens, most: int, device: str) -> TorchEngine:
    """The weights in a pipeline. Raises ConfigError: no torch, damaged weights, no classifier, no such device."""
    if find_spec("torch") is None:
        raise ConfigError(
            f"{folder.path} carries no ONNX weights, so it needs torch, which is missing: "
            "pip install '.[models]', or name a model with a model.onnx."
        )
    from transformers import AutoModelForSequenceClassification, pipeline

    try:
        model, report = AutoModelForSequenceClassification.from_pretrained(
            str(folder.path),
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            output_loading_info=True,
        )
        pipe = pipeline("text-classification", model=model, tokenizer=tokens.tokenizer, device=device)
    except _errors() as error:
        raise ConfigError(
            f"{folder.path} cannot be loaded on {device}: {_short(error)}. "
            "Fetch the model again, or choose another."
        ) from error
    if missing := sorted(report["missing_keys"]):
        raise ConfigError(
            f"{folder.path / folder.weights} has no weights for {missing[0]}: it is no fine-tuned classifier, "
            "its answers would be random. Name a model that was trained for classification."
        )
    return TorchEngine(pipe, folder.labels, most, 1 if device == "cpu" else _BATCH)


def _errors() -> tuple[type[Exception], ...]:
    from safetensors import SafetensorError

    return (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError, RuntimeError, SafetensorError)


def _as_input(pair: Pair) -> Mapping[str, str]:
    text, hypothesis = pair
    return {"text": text} if hypothesis is None else {"text": text, "text_pair": hypothesis}


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]

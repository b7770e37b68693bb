"""A model on ONNX Runtime: the door to it. Needs no torch."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from services.classifier.hub.engine import Logits, Pair
from services.classifier.hub.files import ModelFolder
from services.classifier.hub.tokens import Tokens
from shared.errors import ConfigError, Unprocessable

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_TYPES: Final = {"tensor(int64)": "int64", "tensor(int32)": "int32"}
_PROVIDERS: Final = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}


class OnnxEngine:
    """Computes one pair at a time: it is as fast on a processor, and no text's answer hangs on its neighbours."""

    def __init__(self, session: "InferenceSession", tokens: Tokens, most: int) -> None:
        self._session, self._tokens, self._most = session, tokens, most
        self._inputs = {each.name: _TYPES[each.type] for each in session.get_inputs()}
        self._output = session.get_outputs()[0].name
        self._errors = _errors()

    def logits(self, pairs: Sequence[Pair]) -> Sequence[Logits]:
        """See the port."""
        return [self._of(pair) for pair in pairs]

    def _of(self, pair: Pair) -> Logits:
        try:
            found: Any = self._session.run([self._output], self._fed(pair))[0]
        except self._errors as error:
            raise Unprocessable(f"the ONNX model failed on a text: {_short(error)}") from error
        if found.ndim != 2:
            raise Unprocessable(f"the ONNX model answered with {found.ndim} dimensions instead of 2")
        return [float(value) for value in found[0]]

    def _fed(self, pair: Pair) -> Mapping[str, Any]:
        import numpy as np

        encoded = self._tokens.encode(pair, self._most)
        shape = encoded["input_ids"].shape
        filled: dict[str, Any] = {
            "token_type_ids": np.zeros(shape, "int64"),
            "attention_mask": np.ones(shape, "int64"),
            "position_ids": np.arange(shape[1])[None, :],
            **encoded,
        }
        return {name: filled[name].astype(kind) for name, kind in self._inputs.items()}


def load_onnx(folder: ModelFolder, tokens: Tokens, most: int, device: str) -> OnnxEngine:
    """The weights as a session. Raises ConfigError for damaged ones, or a device that is not there."""
    import onnxruntime

    kind = device.partition(":")[0]
    if _PROVIDERS.get(kind) not in onnxruntime.get_available_providers():
        raise ConfigError(f"device is {device!r}, which this ONNX Runtime does not offer. Write cpu.")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what is wrong with a model is in the error
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # leave the cores to other services
    path = folder.path / folder.weights
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=[_PROVIDERS[kind]])
    except _errors() as error:
        raise ConfigError(f"{path} cannot be loaded: {_short(error)}. Fetch the model again.") from error
    known = ("input_ids", "attention_mask", "token_type_ids", "position_ids")
    for each in session.get_inputs():
        if each.name not in known or each.type not in _TYPES:
            raise ConfigError(
                f"{path} wants the input {each.name!r} ({each.type}), so it is no text classifier. "
                "Name one that was exported for sequence classification."
            )
    return OnnxEngine(session, tokens, most)


def _errors() -> tuple[type[Exception], ...]:
    """ONNX Runtime's errors, which have no common class."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    found = [getattr(state, name) for name in dir(state)]
    return tuple(each for each in found if isinstance(each, type) and issubclass(each, Exception))


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]

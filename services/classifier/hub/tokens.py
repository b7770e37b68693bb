"""A model's tokenizer: the door to transformers' tokenizers, which need no torch."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Final

from services.classifier.hub.engine import Pair
from services.classifier.hub.files import Runtime
from shared.errors import ConfigError

_NO_LIMIT: Final = 1_000_000  # a tokenizer that claims to take more says that it does not know

_VOCABULARIES: Final = (
    "tokenizer.json",
    "vocab.txt",
    "vocab.json",
    "spiece.model",
    "spm.model",
    "sentencepiece.bpe.model",
    "tokenizer.model",
)


class Tokens:
    """Counts and encodes. Thread-safe: a fast tokenizer keeps its last settings, hence the lock."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        self._lock = Lock()

    @property
    def limit(self) -> int:
        """The tokens that the model takes, as far as its tokenizer knows."""
        return min(int(self.tokenizer.model_max_length), _NO_LIMIT)

    def lengths(self, texts: Sequence[str]) -> Sequence[int]:
        """The tokens of each text, without the special ones."""
        with self._lock:
            found = self.tokenizer(list(texts), add_special_tokens=False, verbose=False)["input_ids"]
        return [len(ids) for ids in found]

    def special(self, *, pairs: bool) -> int:
        """How many special tokens go around a text, or around a text with its hypothesis."""
        return int(self.tokenizer.num_special_tokens_to_add(pair=pairs))

    def encode(self, pair: Pair, most: int) -> Mapping[str, Any]:
        """The input of a model as numpy arrays of one row; the text is cut where both are longer than `most`."""
        how: dict[str, Any] = {"truncation": "only_first", "max_length": most, "return_tensors": "np"}
        with self._lock:
            encoded = self.tokenizer(*pair, return_token_type_ids=True, **how)
        return dict(encoded)


def load_tokens(folder: Path, runtime: Runtime) -> Tokens:
    """The tokenizer of a model's folder. Raises ConfigError for one that is missing or damaged.

    For ONNX Runtime `tokenizer.json` says all, and reading it pulls in no torch, even where there is one. A
    pipeline needs the tokenizer's own class, which knows what its model takes.
    """
    if not any((folder / name).is_file() for name in _VOCABULARIES):  # transformers would make an empty one
        raise ConfigError(f"{folder} has no tokenizer: there is no {_VOCABULARIES[0]}. Fetch the model again.")
    quiet()
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    alone = runtime is Runtime.ONNX and (folder / "tokenizer.json").is_file()
    door = PreTrainedTokenizerFast if alone else AutoTokenizer
    try:
        tokenizer = door.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError) as error:
        raise _unreadable(folder, error) from error
    except Exception as error:  # the tokenizers library raises nothing narrower
        if type(error) is not Exception:
            raise
        raise _unreadable(folder, error) from error
    return Tokens(tokenizer)


def quiet() -> None:
    """transformers speaks in our log only of errors: we say ourselves what is missing, and what to do."""
    logging.getLogger("transformers").addFilter(_is_error)
    from transformers import utils

    theirs: Any = utils.logging
    theirs.set_verbosity_error()
    theirs.disable_progress_bar()


def _is_error(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR


def _unreadable(folder: Path, error: Exception) -> ConfigError:
    reason = " ".join(str(error).split())[:200]
    return ConfigError(f"the tokenizer in {folder} cannot be read: {reason}. Fetch the model again.")

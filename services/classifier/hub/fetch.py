"""Models of the hub in its local cache, and the download of those that are not there: the door to huggingface_hub.

The cache comes first: a model changes when the operator names another revision, not when somebody pushes to the
hub.
"""

import logging
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from services.classifier.hub.files import CONFIG, TEXTS, Runtime, chosen_weights, no_weights, read_folder
from services.classifier.hub.options import Options
from services.classifier.hub.reference import Repository
from shared.config import Settings
from shared.errors import ConfigError, FetchFailed

_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_ELSEWHERE: Final = (
    "fetch it once where the hub can be reached (`vigie doctor` does), or name a folder that holds the model"
)


def fetched(repository: Repository, options: Options, settings: Settings) -> Path:
    """The folder of the model in the cache, downloaded if it must be. Raises ConfigError."""
    from huggingface_hub import constants

    cached = _in_cache(repository, options)
    if cached and _is_whole(cached, options):
        return cached
    if options.offline or constants.is_offline_mode():
        why = "offline is set in the options" if options.offline else "HF_HUB_OFFLINE is set"
        raise ConfigError(
            f"VIGIE_MODEL is {repository}, which is not in the cache {_cache(options)}, and {why}: {_ELSEWHERE}."
        )
    return _downloaded(repository, options, settings)


def commit_of(folder: Path) -> str:
    """The commit that a folder of the cache holds; empty for a folder of other making."""
    return folder.name if folder.parent.name == "snapshots" and _COMMIT.fullmatch(folder.name) else ""


def _cache(options: Options) -> Path:
    from huggingface_hub import constants

    return Path(options.cache_dir or constants.HF_HUB_CACHE).expanduser()


def _in_cache(repository: Repository, options: Options) -> Path | None:
    """The folder of the revision, were it only half there. Asks nobody."""
    from huggingface_hub.constants import DEFAULT_REVISION

    revision = repository.revision or options.revision or DEFAULT_REVISION
    place = _cache(options) / f"models--{repository.id.replace('/', '--')}"
    named = place / "refs" / revision
    try:
        commit = named.read_text("ascii").strip() if named.is_file() else revision
    except (OSError, UnicodeDecodeError):
        return None
    folder = place / "snapshots" / commit
    return folder if folder.is_dir() else None


def _is_whole(folder: Path, options: Options) -> bool:
    try:
        read_folder(folder, options)
    except ConfigError:
        return False
    return any((folder / name).exists() for name in ("tokenizer.json", "tokenizer_config.json"))


def _downloaded(repository: Repository, options: Options, settings: Settings) -> Path:
    import huggingface_hub
    from huggingface_hub import constants, errors

    from shared.web.hub import NETWORK_ERRORS, guarded_client

    huggingface_hub.set_client_factory(lambda: guarded_client(settings))
    constants.HF_HUB_DISABLE_XET = True  # that protocol has a client of its own, past ours
    _quiet()
    revision = repository.revision or options.revision or None
    try:
        info = huggingface_hub.HfApi().model_info(repository.id, revision=revision)
        names = [each.rfilename for each in info.siblings or ()]
        return Path(
            huggingface_hub.snapshot_download(
                repository.id,
                revision=revision,
                cache_dir=options.cache_dir or None,
                allow_patterns=_wanted(repository, names, options),
                max_workers=2,
            )
        )
    except (errors.GatedRepoError, errors.RepositoryNotFoundError, errors.RevisionNotFoundError) as error:
        raise ConfigError(
            f"VIGIE_MODEL is {repository}, and {constants.ENDPOINT} has no such model or revision for us. "
            "Check the name; a model with conditions needs them accepted there, and HF_TOKEN."
        ) from error
    except (errors.HfHubHTTPError, OSError, ValueError, *NETWORK_ERRORS) as error:
        raise _not_fetched(repository, error, constants.ENDPOINT) from error
    finally:
        huggingface_hub.close_session()


def _quiet() -> None:
    """No line per request in our log, and a progress bar only for people."""
    from huggingface_hub.utils.tqdm import disable_progress_bars

    for name in ("httpx2", "httpcore2", "huggingface_hub"):
        logging.getLogger(name).setLevel(logging.ERROR)
    if not sys.stderr.isatty():
        disable_progress_bars()


def _wanted(repository: Repository, names: Sequence[str], options: Options) -> list[str]:
    """What to download: texts, tokenizer, and one form of the weights."""
    if CONFIG not in names:
        raise ConfigError(f"{repository} has no {CONFIG}: it is no model of the transformers library.")
    chosen = chosen_weights(names, options.weights)
    if not chosen:
        raise no_weights(str(repository), names, options.weights)
    weights, runtime = chosen
    return [*TEXTS, f"{weights}*"] if runtime is Runtime.ONNX else [*TEXTS, "*.safetensors"]


def _not_fetched(repository: Repository, error: Exception, endpoint: str) -> ConfigError:
    """The innermost cause says most: our own client's refusal, a name that is not resolved, a full disk."""
    cause: Any = error
    while not isinstance(cause, FetchFailed) and (cause.__cause__ or cause.__context__):
        cause = cause.__cause__ or cause.__context__
    why = " ".join(str(cause if isinstance(cause, FetchFailed) else error).split())[:300]
    return ConfigError(f"VIGIE_MODEL is {repository}, which did not come from {endpoint}: {why}. Or {_ELSEWHERE}.")

"""Puts a foreign model together: folder, tokenizer, engine, labels, windows. Tries it once before it is used."""

import math
from pathlib import Path
from typing import Final

from services.classifier.hub.engine import Engine
from services.classifier.hub.fetch import commit_of, fetched
from services.classifier.hub.files import ModelFolder, Runtime, read_folder
from services.classifier.hub.labels import asked, entailment_pair, kind_of, label_map
from services.classifier.hub.model import HubModel
from services.classifier.hub.onnx import load_onnx
from services.classifier.hub.options import Activation, Kind, Options, load_options
from services.classifier.hub.reference import Repository, parse
from services.classifier.hub.scorers import NliScorer, Scorer, SequenceScorer
from services.classifier.hub.tokens import Tokens, load_tokens
from services.classifier.hub.torch import load_torch
from services.classifier.hub.windows import windows
from services.classifier.lexicon.load import load_lexicon
from shared.config import Settings
from shared.errors import ConfigError, Unprocessable

_GENERATION: Final = "hub-1"  # another one when this package makes other verdicts of the same answers
_LEAST_ROOM: Final = 16  # tokens of text in a window
_TRIAL: Final = "Vigie "  # repeated until a window is full


def load_hub_model(settings: Settings) -> HubModel:
    """The model that `VIGIE_MODEL` names. Raises ConfigError for whatever is wrong with it."""
    reference, options = parse(settings.model), load_options(settings.model_options)
    path = fetched(reference, options, settings) if isinstance(reference, Repository) else reference
    folder = read_folder(path, options)
    scorer, tokens, room = _assembled(folder, options)
    lexicon = load_lexicon()
    name = _name(reference, folder, options.digest(_GENERATION, lexicon.name, folder.weights, *scorer.labels))
    return HubModel(
        name,
        scorer,
        lambda title, body: windows(title, body, tokens.lengths, room, options.windows),
        options,
        lexicon,
    )


def _assembled(folder: ModelFolder, options: Options) -> tuple[Scorer, Tokens, int]:
    """The scorer, its tokenizer, and how many tokens of text fit beside the longest hypothesis."""
    where = str(folder.path)
    kind = kind_of(folder.labels, options)
    # labels first: they are read at once, the weights may take a minute
    pair = entailment_pair(where, folder.labels, options) if kind is Kind.NLI else (0, 0)
    by_number = label_map(where, folder.labels, options) if kind is Kind.SEQUENCE else {}
    tokens = load_tokens(folder.path, folder.runtime)
    most = min(options.max_tokens, tokens.limit, folder.positions)
    load = load_onnx if folder.runtime is Runtime.ONNX else load_torch
    engine: Engine = load(folder, tokens, most, options.device)
    room = most - tokens.special(pairs=kind is Kind.NLI)
    if kind is Kind.SEQUENCE:
        scorer: Scorer = SequenceScorer(engine, by_number, exclusive=_is_exclusive(folder, options))
        hypothesis = None
    else:
        labels = asked(options)
        sentences = [said for label in labels for said in options.hypotheses[label].values()]
        lengths = tokens.lengths(sentences)
        room -= max(lengths)
        hypothesis = sentences[lengths.index(max(lengths))]
        scorer = NliScorer(engine, labels, options.hypotheses, pair)
    if room < _LEAST_ROOM:
        raise ConfigError(f"{where}: with {most} tokens a window has no room for a text. Raise max_tokens.")
    _try(folder, engine, _TRIAL * most, hypothesis)
    return scorer, tokens, room


def _try(folder: ModelFolder, engine: Engine, text: str, hypothesis: str | None) -> None:
    """One pass over a full window: what is wrong with a model is said at start, not at the first item."""
    weights = folder.path / folder.weights
    try:
        row = engine.logits([(text, hypothesis)])[0]
    except Unprocessable as error:
        raise ConfigError(f"{weights}: {error}. Lower max_tokens, or name another model.") from error
    if len(row) != len(folder.labels):
        raise ConfigError(
            f"{weights} gives {len(row)} numbers, and its config.json has {len(folder.labels)} labels: "
            "they do not belong together. Fetch the model again, or name another."
        )
    if any(math.isnan(value) for value in row):
        raise ConfigError(f"{weights} answers with what is no number. Fetch the model again.")


def _is_exclusive(folder: ModelFolder, options: Options) -> bool:
    return options.activation is Activation.SOFTMAX if options.activation else folder.exclusive


def _name(reference: Repository | Path, folder: ModelFolder, digest: str) -> str:
    """`hf:ORG/NAME@1a2b3c4d.5e6f7a8b`: the commit or the digest of the files, and that of the options."""
    commit = commit_of(folder.path)
    what = f"hf:{reference.id}" if isinstance(reference, Repository) else folder.path.resolve().name
    return f"{what}@{commit[:8] or folder.digest()}.{digest}"

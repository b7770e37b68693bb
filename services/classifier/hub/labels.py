"""Which of our labels a foreign model gives, and which of its own stand for them."""

from collections.abc import Mapping, Sequence

from services.classifier.hub.options import Kind, Options
from services.classifier.labels import labels
from shared.errors import ConfigError
from shared.text.fold import fold_word
from shared.themes import themes

_SHOWN = 12  # of a model's labels, in an error


def kind_of(labels: Sequence[str], options: Options) -> Kind:
    """As configured, else told by the labels."""
    if options.kind:
        return options.kind
    says_entailment = any(label.lower().startswith("entail") for label in labels)
    return Kind.NLI if says_entailment or options.entailment else Kind.SEQUENCE


def label_map(where: str, labels: Sequence[str], options: Options) -> Mapping[int, str]:
    """Number of the model's label -> ours. Raises ConfigError when a name is wrong or nothing is left.

    Without `labels` in the options, a label counts that is the id of one of ours or a theme's name.
    """
    if unknown := sorted(set(options.labels) - set(labels)):
        raise ConfigError(f"labels names {unknown[0]!r}, which {where} has not. It has {_few(labels)}.")
    by_name = options.labels or _by_name(labels)
    found = {n: by_name[label] for n, label in enumerate(labels) if label in by_name}
    left = {n: ours for n, ours in found.items() if ours not in options.lexicon}
    if not left:
        raise ConfigError(
            f"{where} gives none of Vigie's labels: it has {_few(labels)}. Write in the file that "
            f'VIGIE_MODEL_OPTIONS names which of them stand for ours: [labels] "{labels[0]}" = "energy".'
        )
    return left


def asked(options: Options) -> tuple[str, ...]:
    """The labels that an inference model is asked for, in our order. Raises ConfigError when there are none."""
    found = tuple(label for label in labels() if label not in options.lexicon)
    if not found:
        raise ConfigError("`lexicon` in the file that VIGIE_MODEL_OPTIONS names leaves no label to the model.")
    return found


def entailment_pair(where: str, labels: Sequence[str], options: Options) -> tuple[int, int]:
    """The numbers of "entailment" and of what it is weighed against. Raises ConfigError."""
    lower = [label.lower() for label in labels]
    wanted = options.entailment.lower() or next((label for label in lower if label.startswith("entail")), "")
    if wanted not in lower or len(labels) < 2:
        raise ConfigError(
            f"{where} is no inference model as far as its labels say: {_few(labels)}. Write which of them "
            'means entailment, or kind = "sequence-classification", in the file that VIGIE_MODEL_OPTIONS names.'
        )
    entails = lower.index(wanted)
    against = next((n for n, label in enumerate(lower) if label.startswith(("contra", "not"))), None)
    return entails, against if against is not None else (len(labels) - 1 if entails == 0 else 0)


def _by_name(given: Sequence[str]) -> Mapping[str, str]:
    known = {_folded(label): label for label in labels()}
    for theme in themes().values():
        known |= {_folded(name): theme.id for name in theme.names.values()}
    return {label: known[_folded(label)] for label in given if _folded(label) in known}


def _folded(label: str) -> str:
    return " ".join(fold_word(word) for word in label.replace("_", " ").replace("-", " ").split())


def _few(labels: Sequence[str]) -> str:
    return ", ".join(labels[:_SHOWN]) + (" …" if len(labels) > _SHOWN else "")

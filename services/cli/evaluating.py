"""`vigie classifier evaluate`: the labelled items of a file through one model or two, and the table."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from shared.config import Settings
from shared.errors import BadInput
from shared.items import Verdict

if TYPE_CHECKING:
    from services.classifier.evaluation.figures import Difference, Report
    from services.classifier.evaluation.labelled import Labelled
    from services.classifier.evaluation.reading import Reading


def evaluate(file: Path, against: str | None, settings: Settings, *, machine: bool) -> int:
    """Print the figures; 1 when lines had to be left out. Raises BadInput without a usable line, ConfigError."""
    from services.classifier.evaluation import table
    from services.classifier.evaluation.figures import compare
    from services.classifier.evaluation.figures import evaluate as figures_of

    reading = _read(file)
    verdicts = _verdicts(settings, reading.items)
    report = figures_of(reading.items, verdicts)
    changes: tuple[Difference, ...] = ()
    if against is not None:
        before = _verdicts(replace(settings, model=against, model_options=None), reading.items)
        changes = compare(reading.items, before, verdicts)
    if machine:
        print(json.dumps(_plain(report, reading, changes, against), ensure_ascii=False, indent=2))
    else:
        print("\n".join(table.lines(report)))
        if changes:
            print(f"\nagainst {against}:\n")
            print("\n".join(table.differences(changes)))
    return 1 if reading.refused else 0


def _read(file: Path) -> "Reading":
    from services.classifier.evaluation.reading import read

    try:
        with file.open("rb") as lines:
            reading = read(lines)
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from error
    for refused in reading.refused:
        print(f"line {refused.line}: {refused.reason}", file=sys.stderr)
    if not reading.items:
        raise BadInput(f"{file} holds no labelled item.")
    return reading


def _verdicts(settings: Settings, items: "Sequence[Labelled]") -> Sequence[Verdict]:
    from services.classifier.evaluation.asking import verdicts
    from services.classifier.load import load_model

    model = load_model(settings)
    shown = tqdm(verdicts(model, items), desc=model.name, total=len(items), unit="items", disable=None)
    return tuple(shown)


def _plain(
    report: "Report", reading: "Reading", changes: "Sequence[Difference]", against: str | None
) -> dict[str, Any]:
    return {
        **asdict(report),
        "refused": [asdict(each) for each in reading.refused],
        "against": against,
        "changes": [{**asdict(each), "sure": each.sure} for each in changes],
    }

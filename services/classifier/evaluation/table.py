"""Pure. Figures as lines of text: a row per label and language, `–` for what does not exist."""

from collections.abc import Iterator, Sequence
from typing import Final

from services.classifier.evaluation.figures import Difference, Figure, Report

_TOLD: Final = ("precision", "recall", "f1")
_NONE: Final = "–"


def lines(report: Report) -> Iterator[str]:
    """What the model got right, with 95 % intervals in brackets. A row on which nothing stands is left out."""
    yield f"{report.model} on {report.items} items of {report.publications} publications"
    yield ""
    yield f"{'':<16} {'':<4} {'labels':>6}  {'precision':<17}  {'recall':<17}  {'F1':<17}"
    told = [figure for figure in report.figures if figure.measure in _TOLD]
    for start in range(0, len(told), len(_TOLD)):
        yield from _row(told[start : start + len(_TOLD)])
    yield ""
    for figure in sorted(report.figures, key=lambda figure: (figure.of, figure.measure)):
        if figure.measure not in _TOLD and figure.support:
            name = f"{figure.of}, {figure.measure}"
            yield f"{name:<34} {figure.lang:<4} {figure.support:>6}  {_shown(figure)}"


def differences(changes: Sequence[Difference]) -> Iterator[str]:
    """The change of every F1, `*` where its interval excludes 0."""
    yield f"{'F1':<16} {'':<4} {'before':>6}  {'after':>6}  change"
    for each in changes:
        if each.change is not None:
            bounds = f" [{each.low:+.3f}, {each.high:+.3f}]" if each.low is not None else ""
            sure = " *" if each.sure else ""
            values = f"{_number(each.before):>6}  {_number(each.after):>6}"
            yield f"{each.of:<16} {each.lang:<4} {values}  {each.change:+.3f}{bounds}{sure}"


def _row(figures: Sequence[Figure]) -> Iterator[str]:
    precision, recall, f1 = figures
    if precision.support or recall.support:
        shown = "  ".join(f"{_shown(figure):<17}" for figure in (precision, recall, f1))
        yield f"{f1.of:<16} {f1.lang:<4} {f1.support:>6}  {shown}".rstrip()


def _shown(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return _number(figure.value)
    return f"{_number(figure.value)} [{_number(figure.low)}, {_number(figure.high)}]"


def _number(value: float | None) -> str:
    """`.83`, and all of `1.00`."""
    return _NONE if value is None else f"{value:.3f}".removeprefix("0")

"""Tag a text, or JSON lines, with themes, sovereignty, organisations and the reasons.

Without --jsonl the input is one plain text whose first line is its title. With it, every line is an object with
"id", "title", "text" and perhaps "lang", and is answered by one line, in order; a line that is no such object is
answered by {"line": n, "error": …}. Markup in the texts is left out.

example: vigie classify press-release.txt --why-not
example: vigie classify --jsonl < items.jsonl > verdicts.jsonl
exit codes: 0 done; 1 some lines could not be read; 2 wrong usage or settings
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from shared.config import Settings
from shared.errors import BadInput, ConfigError
from shared.items import LANGUAGES, Verdict
from shared.jsonlines import json_object

if TYPE_CHECKING:
    from services.classifier.markup import Plain
    from services.classifier.model import ClassifiableText, Model

LONGEST_TITLE: Final = 300  # characters: a first line beyond that is no title
_BARS: Final = 20  # width of a bar that stands for a score of 1


@dataclass(frozen=True, slots=True)
class Asked:
    """One text that somebody wants tagged, as given."""

    id: str | int | None
    title: str
    text: str
    language: str | None = None


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", metavar="FILE", help="default: standard input")
    parser.add_argument("--jsonl", action="store_true", help="one JSON object per line, in and out")
    parser.add_argument("--json", action="store_true", help="answer for one plain text as JSON")
    parser.add_argument("--lang", choices=LANGUAGES, help="what the plain text says its language is")
    parser.add_argument(
        "--why-not", action="store_true", help="also say which themes a plain text was not given, and why"
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    from services.classifier.load import load_model

    if args.jsonl and (args.json or args.why_not or args.lang):
        raise ConfigError("--jsonl goes alone: --json, --lang and --why-not are for one plain text.")
    model = load_model(settings)
    with _opened(args.file) as stream:
        if args.jsonl:
            return _classify_lines(model, stream)
        asked = _from_plain_text(stream.read(), args.lang)
    verdict = _verdict(model, asked)
    _write(_answer(asked, verdict)) if args.json else _print_readable(verdict)
    if args.why_not and not args.json:
        _print_why_not(model, asked)
    return 0


def _opened(file: str | None) -> BinaryIO:
    try:
        return sys.stdin.buffer if file in (None, "-") else Path(str(file)).open("rb")
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from error


def _classify_lines(model: "Model", lines: Iterable[bytes]) -> int:
    """Answer every line in its place; 1 when one of them could not be read."""
    bad = 0
    for number, line in enumerate(lines, 1):
        try:
            asked = _from_line(line)
        except BadInput as error:
            bad += 1
            _write({"line": number, "error": str(error)})
        else:
            _write(_answer(asked, _verdict(model, asked)))
    if bad:
        print(f"vigie classify: {bad} lines could not be read", file=sys.stderr)
    return 1 if bad else 0


def _from_line(line: bytes) -> Asked:
    """Raises BadInput saying what is wrong with the line."""
    found = json_object(line)
    return Asked(
        _field(found, "id", (str, int)),
        _field(found, "title"),
        _field(found, "text"),
        _language(found.get("lang")),
    )


def _field(found: Mapping[str, Any], key: str, kinds: tuple[type, ...] = (str,)) -> Any:
    if key not in found:
        raise BadInput(f"{key!r} is missing")
    value = found[key]
    if not isinstance(value, kinds) or isinstance(value, bool):
        raise BadInput(f"{key!r} must be {'a string' if kinds == (str,) else 'a string or a number'}")
    return value


def _language(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise BadInput("'lang' must be a string or null")
    return value.strip().lower()[:2] if value else None


def _from_plain_text(content: bytes, language: str | None) -> Asked:
    text = content.decode("utf-8-sig", "replace").strip()
    first, _, rest = text.partition("\n")
    if len(first) > LONGEST_TITLE:
        return Asked(None, "", text, language)
    return Asked(None, first.strip(), rest.strip(), language)


def _verdict(model: "Model", asked: Asked) -> Verdict:
    """The verdict, its passages in the words as given."""
    from services.classifier.markup import plain

    title, text = plain(asked.title), plain(asked.text)
    verdict = model.classify(_classifiable(asked, title, text))
    reasons = tuple(
        reason.model_copy(update={"passage": title.as_given(said) or text.as_given(said) or said})
        for reason in verdict.reasons
        for said in (reason.passage,)
    )
    return verdict.model_copy(update={"reasons": reasons})


def _classifiable(asked: Asked, title: "Plain", text: "Plain") -> "ClassifiableText":
    from services.classifier.model import ClassifiableText

    known = (asked.language,) if asked.language in LANGUAGES else ()
    return ClassifiableText(title.text, text.text, asked.language, known)


def _answer(asked: Asked, verdict: Verdict) -> Mapping[str, Any]:
    found = verdict.model_dump(mode="json")
    found["lang"] = found.pop("language")
    order = ("lang", "themes", "scores", "sovereignty", "franco_german", "organisations", "reasons", "model")
    return {"id": asked.id, **{key: found[key] for key in order}}


def _write(answer: Mapping[str, Any]) -> None:
    """One line, at once. Letters that the terminal or UTF-8 cannot carry are escaped."""
    line = json.dumps(answer, ensure_ascii=False)
    try:
        line.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        line = json.dumps(answer)
    print(line, flush=True)


def _print_readable(verdict: Verdict) -> None:
    print(f"language       {verdict.language}")
    print(f"themes         {', '.join(verdict.themes) or 'none'}")
    print(f"sovereignty    {verdict.sovereignty:.2f}")
    print(f"franco-german  {'yes' if verdict.franco_german else 'no'}")
    print(f"organisations  {', '.join(verdict.organisations) or 'none'}")
    print(f"model          {verdict.model}")
    for label in dict.fromkeys(reason.label for reason in verdict.reasons):
        score = verdict.scores.get(label, verdict.sovereignty if label == "sovereignty" else 1.0)
        print(f"\n{label} {'█' * round(score * _BARS)} {score:.2f}")
        _print_reasons((r.passage, r.weight) for r in verdict.reasons if r.label == label)


def _print_why_not(model: "Model", asked: Asked) -> None:
    from services.classifier.markup import plain

    for miss in model.why_not(_classifiable(asked, plain(asked.title), plain(asked.text))):
        print(f"\nnot {miss.label}: {miss.score:.2f}, {miss.missing:.2f} below the threshold")
        _print_reasons((reason.passage, reason.weight) for reason in miss.reasons)


def _print_reasons(reasons: Iterable[tuple[str, float]]) -> None:
    for line in _shown(reasons):
        print(line)


def _shown(reasons: Iterable[tuple[str, float]]) -> Iterator[str]:
    return (f"  {weight:4.0%}  {' '.join(passage.split())}" for passage, weight in reasons)

"""How well `vigie compare` finds what was planted: sentences taken out or put in, numbers changed, nothing.

`releases` are parallel texts; from each come up to four trials, and each trial has at most one thing to be found.
A mark on anything else is false, also where translators really left something out: the figures count it.
"""

import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np

from shared.comparison.compare import Comparison, Side, Version, compare, side
from shared.comparison.facts import Fact, facts
from shared.comparison.moments import Moment
from shared.comparison.numbers import Number
from shared.items import LANGUAGES
from shared.meaning.encoder import the_encoder

OWN: Final = Path(__file__).parents[1] / "data" / "comparison.jsonl"
_LONGEST_LEAD: Final = 420  # letters: the collection cuts there
_NEAR: Final = 0.05  # of cosine: the lone sentence is the counterpart of the one taken out, or as near as any


@dataclass(frozen=True, slots=True)
class Trial:
    """Two sides, what was done to them ("nothing", "taken", "added", "number"), and where that is to be seen:
    the side (0 left), the number of the sentence, and the words."""

    done: str
    sides: tuple[Side, Side]
    seen_on: int = 0
    at: int = 0
    words: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """`found` of `planted`; `false` marks beside them; `untouched` texts and the false marks on them."""

    planted: int
    found: int
    false: int
    untouched: int
    false_on_untouched: int
    by_kind: Mapping[str, tuple[int, int]]

    @property
    def precision(self) -> float:
        return self.found / max(self.found + self.false, 1)

    @property
    def recall(self) -> float:
        return self.found / max(self.planted, 1)

    @property
    def false_a_text(self) -> float:
        return self.false_on_untouched / max(self.untouched, 1)


def own_releases() -> list[tuple[Version, Version]]:
    """Our written releases, every two languages."""
    found = []
    for line in OWN.read_text("utf-8").splitlines():
        texts = json.loads(line)
        versions = [Version(lang, texts[lang]["title"], texts[lang]["text"]) for lang in LANGUAGES]
        found += [(versions[0], versions[1]), (versions[1], versions[2]), (versions[2], versions[0])]
    return found


def federal_releases(archive: Path, part: str, count: int) -> list[tuple[Version, Version]]:
    """Releases whose leads are whole and have two sentences at least, of one half of the collection: `tune`, or
    `judge`, which no bound was chosen on."""
    dice, found = random.Random(f"comparison {part}"), []
    with gzip.open(archive, "rt", encoding="utf-8") as lines:
        all_ = [json.loads(line) for line in lines]
    half = [r for r in all_ if int(sha256(str(r["id"]).encode()).hexdigest(), 16) % 2 == (part == "judge")]
    dice.shuffle(half)
    for release in half:
        whole = [v for v in _versions(release) if _is_whole(v)]
        if len(whole) > 1 and len(found) < count:
            first, second = dice.sample(whole, 2)
            found.append((first, second))
    return found


def _versions(release: Mapping[str, Mapping[str, str]]) -> Iterator[Version]:
    for lang in LANGUAGES:
        if lang in release and release[lang]["lead"]:
            yield Version(lang, release[lang]["title"], release[lang]["lead"])


def _is_whole(version: Version) -> bool:
    found = side(version)
    return len(version.text) < _LONGEST_LEAD and not found.cut and len(found.sentences) > 1


def trials(releases: Sequence[tuple[Version, Version]], seed: str) -> list[Trial]:
    """In a fixed order."""
    dice = random.Random(seed)
    sides = [(side(left), side(right)) for left, right in releases]
    found = []
    for number, both in enumerate(sides):
        found.append(Trial("nothing", both))
        found.append(_taken(both, dice))
        others = [each for n, pair in enumerate(sides) if n != number for each in pair]
        found.append(_added(both, others, dice))
        if changed := _changed(both, dice):
            found.append(changed)
    return found


def judge(found: Sequence[Trial]) -> Score:
    """Compares every trial's sides."""
    vectors = _vectors({text for trial in found for each in trial.sides for text in _texts(each)})
    counts: Counter[tuple[str, str]] = Counter()
    for trial in found:
        left, right = (np.stack([vectors[text] for text in _texts(each)]) for each in trial.sides)
        hit, false = _judged(trial, compare(*trial.sides, left, right), vectors)
        counts.update({(trial.done, "trials"): 1, (trial.done, "found"): hit, (trial.done, "false"): false})
    planted = [done for done, what in counts if what == "trials" and done != "nothing"]
    return Score(
        sum(counts[done, "trials"] for done in planted),
        sum(counts[done, "found"] for done in planted),
        sum(counts[done, "false"] for done in planted),
        counts["nothing", "trials"],
        counts["nothing", "false"],
        {done: (counts[done, "found"], counts[done, "trials"]) for done in planted},
    )


def _judged(trial: Trial, found: Comparison, vectors: Mapping[str, np.ndarray]) -> tuple[bool, int]:
    """Whether what was planted was found, and how many marks are false."""
    hit, false = False, 0
    for n, (each, only) in enumerate(zip(trial.sides, (found.only_left, found.only_right), strict=True)):
        for at in only:
            right = n == trial.seen_on and (
                (trial.done == "added" and each.sentences[at] == trial.words)
                or (trial.done == "taken" and _is_counterpart(trial.words, at, each, vectors))
            )
            hit, false = hit or right, false + (not right)
    for differs in found.differs:
        at, said = ((differs.left_at, differs.left), (differs.right_at, differs.right))[trial.seen_on]
        right = trial.done == "number" and at == trial.at and (said in trial.words or trial.words in said)
        hit, false = hit or right, false + (not right)
    return hit, false


def _is_counterpart(gone: str, at: int, left_over: Side, vectors: Mapping[str, np.ndarray]) -> bool:
    near = [float(vectors[sentence] @ vectors[gone]) for sentence in left_over.sentences]
    return near[at] >= max(near) - _NEAR


def _taken(both: tuple[Side, Side], dice: random.Random) -> Trial:
    """One sentence less on one side: its counterpart stands on the other alone."""
    which = dice.randrange(2)
    rest = list(both[which].sentences)
    gone = rest.pop(dice.randrange(len(rest)))
    return Trial("taken", _with(both, which, rest), seen_on=1 - which, words=gone)


def _added(both: tuple[Side, Side], others: Sequence[Side], dice: random.Random) -> Trial:
    """A sentence of another release in the same language."""
    which = dice.randrange(2)
    donors = [each for each in others if each.version.language == both[which].version.language]
    words = dice.choice(dice.choice(donors).sentences)
    more = list(both[which].sentences)
    at = dice.randrange(len(more) + 1)
    more.insert(at, words)
    return Trial("added", _with(both, which, more), which, at, words)


def _changed(both: tuple[Side, Side], dice: random.Random) -> Trial | None:
    """A number, day or time that both have, changed on one side; None where they share none."""
    which = dice.randrange(2)
    own, other = both[which], both[1 - which]
    others = [fact for text in _texts(other) for fact in facts(text, other.version.language)]
    shared = [
        (at, fact)
        for at, text in enumerate(own.sentences)
        for fact in facts(text, own.version.language)
        if _can_change(fact) and any(fact.meets(each) for each in others)
    ]
    if not shared:
        return None
    at, fact = dice.choice(shared)
    for _ in range(20):
        new = _another(fact, dice)
        text = own.sentences[at]
        text = text[: fact.value.start] + new + text[fact.value.end :]
        if not any(each.said == new and each.meets(fact) for each in facts(text, own.version.language)):
            break
    sentences = [text if n == at else sentence for n, sentence in enumerate(own.sentences)]
    return Trial("number", _with(both, which, sentences), which, at, new)


def _can_change(fact: Fact) -> bool:
    return isinstance(fact.value, Number | Moment) and not fact.weak and any(map(str.isdigit, fact.said))


def _another(fact: Fact, dice: random.Random) -> str:
    """The same with another likely number: another year, day, hour, or one figure."""
    said, spots = fact.said, list(re.finditer(r"\d+", fact.said))
    spot = spots[0]
    if isinstance(fact.value, Moment) and fact.value.day:
        days = [hit for hit in spots if int(hit.group()) == fact.value.day] or spots
        spot = dice.choice([days[0], spots[-1]])
    number, digits = int(spot.group()), spot.group()
    if len(digits) == 4 and 1900 <= number < 2100:
        new = str(number + dice.choice([-3, -2, -1, 1, 2, 3]))
    elif isinstance(fact.value, Moment):
        hours = range(8, 20) if fact.value.is_time() else range(2, 29)
        new = str(dice.choice([each for each in hours if each != number]))
    else:
        at = dice.randrange(len(digits))
        new = digits[:at] + dice.choice([c for c in "123456789" if c != digits[at]]) + digits[at + 1 :]
    rest = said[spot.end() :]
    return said[: spot.start()] + new + (rest[2:] if rest.startswith("er ") else rest)


def _with(both: tuple[Side, Side], which: int, sentences: Sequence[str]) -> tuple[Side, Side]:
    changed = replace(both[which], sentences=tuple(sentences))
    return (changed, both[1]) if which == 0 else (both[0], changed)


def _texts(each: Side) -> tuple[str, ...]:
    return (each.version.title, *each.sentences)


def _vectors(texts: set[str]) -> Mapping[str, np.ndarray]:
    ordered = sorted(texts)
    return dict(zip(ordered, the_encoder().vectors(ordered), strict=True))

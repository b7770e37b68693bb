"""Pure. Two versions of one text beside each other: which sentences stand in one alone, and which facts differ.

It judges what it can: titles are free and are not missed, the end of a cut text is not held against it, and a fact
differs where both sides state one of its kind in the same place and neither text has the other's anywhere.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from shared.comparison.align import Block, Bounds, Matrix, Told, align
from shared.comparison.facts import Fact, Kind, facts, opposed, standing
from shared.meaning.sentences import sentences
from shared.text.fold import loose_word, tokens

LETTERS: Final = 8_000  # of a text that are compared
SENTENCES: Final = 40  # likewise
BOUNDS: Final = Bounds(0.38, 0.42, 0.65)
FACT: Final = 0.10  # of likeness, for each fact that two sentences share; three count
WORD: Final = 0.04  # for each word, or its beginning, that they share; five count
_MOST_FACTS: Final = 3
_MOST_WORDS: Final = 5
_STEM: Final = 6  # letters: Proliferation, prolifération
_ENDS: Final = (".", "!", "?", ":", "…", '"', "»", "“", "”", ")", "’", "›")
_ABBREVIATED: Final = re.compile(
    r"\b(?:Eidg|eidg|Fr|Tel|evtl|bspw|u\.a|z\.B|Bd|Hrsg|env|resp|vs|approx|incl|Inc|Ltd)\.$"
)
_CUT: Final = ("…", "...", "[…]", "[...]", "(…)", "(...)")


@dataclass(frozen=True, slots=True)
class Version:
    """A text in one language."""

    language: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Side:
    """A version, cut into sentences. `cut`: its text does not end where the publisher's does."""

    version: Version
    sentences: tuple[str, ...]
    cut: bool

    def sentence(self, number: int) -> str:
        """The sentence of that number; -1 is the title."""
        return self.version.title if number < 0 else self.sentences[number]


@dataclass(frozen=True, slots=True)
class Differs:
    """Two facts in each other's place. The sentences by number, -1 the title."""

    kind: Kind
    left: str
    right: str
    left_at: int
    right_at: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Blocks of both in the left's order; the sentences that stand in one alone; the facts that differ."""

    left: Side
    right: Side
    blocks: tuple[Block, ...]
    only_left: tuple[int, ...]
    only_right: tuple[int, ...]
    differs: tuple[Differs, ...]

    @property
    def agree(self) -> bool:
        """Nothing was found that the other does not say."""
        return not (self.only_left or self.only_right or self.differs)


def side(version: Version) -> Side:
    """The version in sentences, as many as are compared."""
    return Side(version, tuple(_whole(sentences(version.text, LETTERS, SENTENCES))), _is_cut(version.text))


def _whole(found: Iterable[str]) -> Iterator[str]:
    """Sentences that were cut behind an abbreviation are one."""
    open_: str = ""
    for sentence in found:
        open_ = f"{open_} {sentence}" if open_ else sentence
        if not _ABBREVIATED.search(open_):
            yield open_
            open_ = ""
    if open_:
        yield open_


def compare(left: Side, right: Side, left_vectors: Matrix, right_vectors: Matrix) -> Comparison:
    """`…_vectors`: one of length 1 for the title and for each sentence, in order."""
    left_facts, right_facts = _facts(left), _facts(right)
    shared = _shared(left, right, left_facts, right_facts)
    row = align(_told(left, left_vectors), _told(right, right_vectors), shared[1:, 1:], BOUNDS)
    in_titles = (left_vectors[1:] @ right_vectors[0], right_vectors[1:] @ left_vectors[0])
    blocks = tuple(block for block in row if not _in_title(block, *in_titles))
    return Comparison(
        left,
        right,
        blocks,
        _alone([i for b in blocks if not b.right for i in b.left], blocks, left, right, of_left=True),
        _alone([j for b in blocks if not b.left for j in b.right], blocks, right, left, of_left=False),
        tuple(_differing(blocks, left_facts, right_facts)),
    )


def _told(side: Side, vectors: Matrix) -> Told:
    return Told(vectors[1:], np.array([len(sentence) for sentence in side.sentences], np.int64))


def _facts(side: Side) -> list[tuple[Fact, ...]]:
    """Of the title, then of each sentence. A number at the very end of a cut text may have been cut itself."""
    found = [facts(text, side.version.language) for text in (side.version.title, *side.sentences)]
    if side.cut and side.sentences:
        end = len(side.sentences[-1].rstrip(" .…[]()")) - 1
        found[-1] = tuple(fact for fact in found[-1] if fact.value.end < end)
    return found


def _in_title(block: Block, left: Matrix, right: Matrix) -> bool:
    """Whether what is alone says what the other's title does."""
    if block.left and block.right:
        return False
    said = [left[i] for i in block.left] + [right[j] for j in block.right]
    return float(max(said)) >= BOUNDS.repeated


def _shared(
    left: Side, right: Side, left_facts: list[tuple[Fact, ...]], right_facts: list[tuple[Fact, ...]]
) -> Matrix:
    """What two sentences share besides their meaning, as likeness."""
    stems = [[_stems(text) for text in (each.version.title, *each.sentences)] for each in (left, right)]
    found = np.zeros((len(left_facts), len(right_facts)), np.float32)
    for i, own in enumerate(left_facts):
        for j, other in enumerate(right_facts):
            same = len([fact for fact in own if not fact.weak and any(fact.meets(one) for one in other)])
            words = len(stems[0][i] & stems[1][j])
            found[i, j] = FACT * min(same, _MOST_FACTS) + WORD * min(words, _MOST_WORDS)
    return found


def _stems(text: str) -> frozenset[str]:
    return frozenset(loose_word(t.surface)[:_STEM] for t in tokens(text) if len(t.surface) >= _STEM)


def _alone(
    numbers: Sequence[int], blocks: Sequence[Block], own: Side, other: Side, *, of_left: bool
) -> tuple[int, ...]:
    """Those that are held against the other: a cut text is asked for nothing beyond its end, and the last sentence
    of a cut text is half a sentence."""
    paired = [(b.left, b.right) if of_left else (b.right, b.left) for b in blocks if b.left and b.right]
    last_own = max((max(mine) for mine, _ in paired), default=-1)
    last_other = max((max(theirs) for _, theirs in paired), default=-1)
    reached = other.cut and last_other >= len(other.sentences) - 2
    return tuple(
        n for n in numbers if not (own.cut and n == len(own.sentences) - 1) and not (reached and n > last_own)
    )


def _differing(
    blocks: Iterable[Block], left: Sequence[tuple[Fact, ...]], right: Sequence[tuple[Fact, ...]]
) -> Iterable[Differs]:
    """Facts in each other's place, where neither text has the other's anywhere."""
    all_left = [fact for each in left for fact in each]
    all_right = [fact for each in right for fact in each]
    places = [((-1,), (-1,)), *((b.left, b.right) for b in blocks if b.left and b.right)]
    for lefts, rights in places:
        ours = [f for i in lefts for f in left[i + 1]]
        theirs = [f for j in rights for f in right[j + 1]]
        for one, two in opposed(standing(ours, theirs, all_right), standing(theirs, ours, all_left)):
            yield Differs(one.kind, one.said, two.said, _at(one, lefts, left), _at(two, rights, right))


def _at(fact: Fact, sentences_: Iterable[int], found: Sequence[tuple[Fact, ...]]) -> int:
    """The sentence that states it."""
    return next(n for n in sentences_ if any(fact is each for each in found[n + 1]))


def _is_cut(text: str) -> bool:
    text = text.rstrip()
    return text.endswith(_CUT) or not text.endswith(_ENDS) or len(text) > LETTERS

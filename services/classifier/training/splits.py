"""Pure. Which texts may train, which choose weights, and which only judge: frozen before anything is trained.

The unit is the publication: one group across its languages, with its near-duplicates. The gate is listed by id in
`data/gate.tsv`; whatever resembles a text of it is left out of training. The held-out tenth, on which the parts
of the model are weighed against each other, is drawn by a digest of the group's name, so that it stays the same
when material is added.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Final

from services.classifier.training.material import AFTER_ENCODER, Example

HELD_OUT: Final = 0.1  # share of the groups
OF_LATER: Final = 0.2  # the same of the groups that were labelled later: the kinds of text that there is least of
_ALIKE: Final = 0.5  # Jaccard of two texts' shingles from which on they are the same publication
_SHINGLE: Final = 4  # words
_COMMON: Final = 200  # texts that share a shingle from which on it is a phrase of the trade
_WORD: Final = re.compile(r"\w+")


def is_held_out(group: str, share: float = HELD_OUT) -> bool:
    """Whether the group belongs to the share that tuning does not see."""
    return int(hashlib.sha256(f"held out|{group}".encode()).hexdigest()[:8], 16) < share * 16**8


def held_out(examples: Sequence[Example], groups: Sequence[str]) -> list[bool]:
    """Of every text whether it is held out; `groups` is the group of each, near-duplicates joined."""
    former = {group for each, group in zip(examples, groups, strict=True) if each.corpus not in AFTER_ENCODER}
    return [is_held_out(group, HELD_OUT if group in former else OF_LATER) for group in groups]


def without_gate(examples: Sequence[Example], gate: Sequence[Example]) -> list[Example]:
    """`examples` without every group of which a text is, or nearly is, a text of the gate."""
    judged = {each.group for each in gate}
    near = {examples[n].group for n, _ in _alike([_words(e) for e in examples], [_words(g) for g in gate])}
    return [each for each in examples if each.group not in judged and each.group not in near]


def joined(examples: Sequence[Example]) -> Mapping[str, str]:
    """Group -> the name of all groups that near-duplicates tie to it."""
    shingles = [_words(each) for each in examples]
    parent = {each.group: each.group for each in examples}
    for one, other in _alike(shingles, shingles):
        first, second = sorted((_root(parent, examples[one].group), _root(parent, examples[other].group)))
        parent[second] = first
    return {group: _root(parent, group) for group in parent}


def _root(parent: Mapping[str, str], group: str) -> str:
    while parent[group] != group:
        group = parent[group]
    return group


def _words(example: Example) -> Set[str]:
    words = _WORD.findall(f"{example.title} {example.text}".casefold())[:150]
    return {" ".join(words[n : n + _SHINGLE]) for n in range(max(1, len(words) - _SHINGLE + 1))}


def _alike(ours: Sequence[Set[str]], theirs: Sequence[Set[str]]) -> Iterable[tuple[int, int]]:
    """Pairs of places, ours and theirs, whose texts are near-duplicates."""
    places: dict[str, list[int]] = defaultdict(list)
    for number, shingles in enumerate(theirs):
        for shingle in shingles:
            places[shingle].append(number)
    for number, shingles in enumerate(ours):
        shared = Counter(
            place for s in shingles if len(places.get(s, ())) <= _COMMON for place in places.get(s, ())
        )
        for place, both in shared.items():
            if (ours is not theirs or place > number) and both >= _ALIKE * (
                len(shingles) + len(theirs[place]) - both
            ):
                yield number, place

"""Pure. Co-operation of German and French actors.

Three signs: an adjective that joins the two (franco-allemand), both named in one breath (Germany and France), and
one actor of each with a word of joint action close by. Naming both countries is not enough, and a list of many
countries is none of co-operation between two.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from services.classifier.lexicon.evidence import Contribution, Part
from services.classifier.lexicon.matcher import Hit
from services.classifier.lexicon.terms import Term
from services.classifier.model import FRANCO_GERMAN

GROUPS: Final = ("joined", "german", "french", "together", "others")
_LEAD: Final = 300  # characters: what stands there says what an item is about
_SPAN: Final = 24  # words within which both actors and the word of joint action must stand
_MANY: Final = 6  # words around them in which a third country makes it a list
_BREATH: Final = 2  # words between two that are named in one breath, at most
_AGAIN: Final = 0.3  # of its weight is what a further sign of the same kind adds

# sign -> weight in the title, in the lead, in the rest of the text; 1 carries the label alone
_WEIGHTS: Final = {"joined": (1.2, 1.0, 0.6), "breath": (0.8, 0.4, 0.2), "pair": (1.2, 0.7, 0.4)}


def group_label(group: str) -> str:
    """The label under which the matcher reports the terms of a group."""
    return f"{FRANCO_GERMAN}.{group}"


def joint_action(title: Part, body: Part) -> tuple[Contribution, ...]:
    """What speaks for the label, each sign at its best place and further ones for less."""
    return tuple(c for sign in _WEIGHTS for c in _weighed(sign, title, body))


def _weighed(sign: str, title: Part, body: Part) -> Iterator[Contribution]:
    find = _SIGNS[sign]
    in_title, in_lead, later = _WEIGHTS[sign]
    places = [(in_title, title, hit) for hit in find(title)]
    for hit in find(body):
        places.append((in_lead if body.words[hit.first].start < _LEAD else later, body, hit))
    places.sort(key=lambda place: -place[0])
    for number, (weight, part, hit) in enumerate(places[:3]):
        yield Contribution(hit.term, weight if number == 0 else weight * _AGAIN, part, hit)


def _joined(part: Part) -> Iterator[Hit]:
    return (_hit(hit.first, hit.last) for hit in _group(part, "joined"))


def _breath(part: Part) -> Iterator[Hit]:
    others = _group(part, "others")
    actors = sorted([*_group(part, "german"), *_group(part, "french")], key=_first)
    for one, other in pairwise(actors):
        two = one.term.label != other.term.label and 0 < other.first - one.last <= _BREATH
        if two and not _crowded(one.first, other.last, others):
            yield _hit(one.first, other.last)


def _pair(part: Part) -> Iterator[Hit]:
    french, together, others = (_group(part, group) for group in ("french", "together", "others"))
    done = -1
    for german in _group(part, "german"):
        if german.first <= done or not french or not together:
            continue
        known = [german, _nearest(german, french), _nearest(german, together)]
        first, last = min(hit.first for hit in known), max(hit.last for hit in known)
        if last - first < _SPAN and not _crowded(first, last, others):
            yield _hit(first, last)
            done = last


_SIGNS: Final = {"joined": _joined, "breath": _breath, "pair": _pair}


def _group(part: Part, group: str) -> list[Hit]:
    label = group_label(group)
    return [hit for hit in part.hits if hit.term.label == label]


def _nearest(hit: Hit, candidates: Sequence[Hit]) -> Hit:
    """Of `candidates` in the order of the text; articles have thousands, so not by looking at each."""
    place = bisect_left(candidates, hit.first, key=_first)
    return min(candidates[max(0, place - 1) : place + 1], key=lambda candidate: abs(candidate.first - hit.first))


def _crowded(first: int, last: int, others: Sequence[Hit]) -> bool:
    place = bisect_left(others, first - _MANY, key=_first)
    return place < len(others) and others[place].first <= last + _MANY


def _first(hit: Hit) -> int:
    return hit.first


def _hit(first: int, last: int) -> Hit:
    return Hit(Term(FRANCO_GERMAN, (), 1.0), first, last)

"""Pure. Invented items for measuring the archive: three languages, Zipf's law, titles and texts of real length.

The frequent words of a language are those that the program knows it by, then some of what the archive is about,
then words of its lists; the tail is made of them: compounds in German, derivations in French and English. A text
has 143 words in the mean, log-normal; the items of five years are spread evenly over 120 sources.
"""

import random
import tomllib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import accumulate, islice
from math import exp
from typing import Final

from shared.items import ClassifiedItem, CollectedItem, Verdict
from shared.text.fold import tokens
from shared.themes import themes

END: Final = datetime(2026, 11, 1, tzinfo=UTC)
YEARS: Final = timedelta(days=5 * 365)
SOURCES: Final = 120
WORDS: Final = 40_000  # of a language
_SHARE: Final = {"de": 0.45, "fr": 0.3, "en": 0.25}
_ABOUT: Final = {
    "de": "energie netz forschung projekt industrie kompetenz klima datenraum robotik kompetenzzentrum förderung",
    "fr": "énergie réseau recherche projet industrie compétence climat données robotique souveraineté hydrogène",
    "en": "energy grid research project industry competence climate data robotics sovereignty hydrogen",
}
_ENDS: Final = {
    "fr": "tion ment eur euse ique able isme iste ance oire ure ade age ier ière eux elle ose ule ite".split(),
    "en": "ing ness ment er ist able ism ance ory ure al ive ful less ity ate ward ship hood some".split(),
}
RARE: Final = "seltenwort"  # in one item of 500


def corpus(count: int) -> Iterator[ClassifiedItem]:
    """`count` different ones, the oldest first, the last published shortly before `END`."""
    chance = random.Random(20_261_130)
    speech = {language: _speech(language) for language in _SHARE}
    for number in range(count):
        yield _item(number, count, chance, speech)


Speech = tuple[Sequence[str], Sequence[float]]  # words, and their weights summed up


def _speech(language: str) -> Speech:
    words = list(islice(dict.fromkeys(_frequent_first(language)), WORDS))
    return words, list(accumulate(1 / (rank + 2.7) for rank in range(len(words))))


def _frequent_first(language: str) -> Iterator[str]:
    listed = tomllib.loads((files("shared.text") / "function_words.toml").read_text("utf-8"))
    yield from str(listed[language]).split()[:40]
    yield from _ABOUT[language].split()
    parts = [word.strip("-") for word in _parts()]
    if language == "de":
        yield from parts
        yield from (f"{one}{other.lower()}" for other in parts for one in parts if one[0] < other[0])
        return
    stems = [token.folded for token in tokens(" ".join(parts)) if len(token.folded) > 4]
    yield from (f"{stem[:size]}{end}" for size in range(4, 9) for end in _ENDS[language] for stem in stems)


def _parts() -> Sequence[str]:
    lines = (files("shared.text") / "compounds.txt").read_text("utf-8").splitlines()
    return [word for line in lines if not line.startswith("#") for word in line.split()]


def _item(number: int, count: int, chance: random.Random, speech: dict[str, Speech]) -> ClassifiedItem:
    source = number * 7 % SOURCES
    language = chance.choices(list(_SHARE), list(_SHARE.values()))[0]
    vocabulary, sums = speech[language]
    length = min(2_000, 12 + int(exp(chance.gauss(4.7, 0.6))))
    words = chance.choices(vocabulary, cum_weights=sums, k=length)
    if number % 500 == 0:
        words.append(RARE)
    moment = END - YEARS * ((count - number) / count)
    item = CollectedItem(
        item_id=f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}{number:016x}",
        source=f"source-{source}",
        source_name=f"Source {source}",
        organisation=f"Organisation {source % 60}",
        country=("DE", "FR", "EU", "")[source % 4],
        languages=(language,),
        url=f"https://example.org/{source}/{number}",
        title=" ".join(words[:10]).capitalize(),
        text=" ".join(words[10:]),
        published=moment,
        fetched_at=moment + timedelta(minutes=5),
        content_hash=f"{number * 0xD6E8FEB86659FD93 % 2**64:016x}",
    )
    return ClassifiedItem(item=item, verdict=_verdict(language, chance), classified_at=item.fetched_at)


def _verdict(language: str, chance: random.Random) -> Verdict:
    tagged = tuple(chance.sample(tuple(themes()), chance.choice((0, 1, 1, 2, 3))))
    scores = {theme: round(chance.random() * 0.4, 4) for theme in themes()} | dict.fromkeys(tagged, 0.8)
    return Verdict(
        language=language,
        scores=scores,
        themes=tagged,
        sovereignty=round(chance.random(), 2),
        franco_german=chance.random() < 0.05,
        organisations=tuple(chance.sample(_NAMES, chance.choice((0, 0, 1, 2)))),
        reasons=(),
        model="invented",
    )


_NAMES: Final = tuple(f"Institut {number}" for number in range(80))

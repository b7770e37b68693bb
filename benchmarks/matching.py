"""How long does one item take against 100,000 subscriptions, and what do they weigh?

Subscriptions are drawn as people write them: a theme or two, words, a language, now and then a phrase. The words
of items follow Zipf's law over a made vocabulary, those of queries leave out its fifty commonest. Times are of the
processor, for one thread.

example: python benchmarks/matching.py
example: python benchmarks/matching.py --subscriptions 10000 --items 50
"""

# ruff: noqa: T201 - a benchmark prints

import argparse
import resource
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random
from statistics import median, quantiles

from shared.query.index import SubscriptionIndex
from shared.query.match import Document, Passage
from shared.query.syntax import Query, parse
from shared.text.analyse import analyse
from shared.themes import themes

SEED = 7
VOCABULARY = 20_000
WORDS_OF_AN_ITEM = 250
NOW = datetime(2026, 3, 2, tzinfo=UTC)


class Maker:
    """Draws queries and items over one vocabulary."""

    def __init__(self) -> None:
        self.random = Random(SEED)
        self.words = [self._word() for _ in range(VOCABULARY)]
        self.weights = [1 / rank for rank in range(1, VOCABULARY + 1)]
        self.themes = list(themes())

    def _word(self) -> str:
        return "".join(self.random.choice("bdfgklmnprst") + self.random.choice("aeiou") for _ in range(4))

    def some_words(self, count: int) -> Sequence[str]:
        return self.random.choices(self.words, self.weights, k=count)

    def query(self) -> Query:
        draw = self.random.random
        parts = [f"theme:{theme}" for theme in self.random.sample(self.themes, self.random.choice([0, 1, 1, 2]))]
        text = f"({' OR '.join(parts)})" if parts else ""
        if draw() < 0.7 or not parts:
            # People subscribe to what is rare rather than to what is in every item.
            text += " " + " ".join(self.random.choices(self.words[50:], k=self.random.randint(1, 2)))
        if draw() < 0.3:
            text += " " + self.random.choice(["lang:de", "lang:fr", "country:FR", "sovereignty:>0.6"])
        if draw() < 0.1:
            text += f' "{" ".join(self.some_words(2))}"'
        if draw() < 0.1:
            text += f" -{self.some_words(1)[0]}"
        return parse(text)

    def item(self) -> Document:
        body = " ".join(self.some_words(WORDS_OF_AN_ITEM))
        language = self.random.choice(["de", "fr", "en"])
        return Document(
            title=Passage(analyse(" ".join(self.some_words(9)), language)),
            body=Passage(analyse(body, language)),
            sources=frozenset(("dfki",)),
            themes=frozenset(self.random.sample(self.themes, self.random.choice([0, 1, 1, 2]))),
            organisations=frozenset(),
            country=self.random.choice(["DE", "FR"]),
            language=language,
            sovereignty=self.random.random(),
            franco_german=False,
            moment=NOW,
        )


def main(subscriptions: int, items: int) -> None:
    maker = Maker()
    queries = [maker.query() for _ in range(subscriptions)]
    before, began = _megabytes(), time.process_time()
    index = SubscriptionIndex(enumerate(queries))
    seconds = time.process_time() - began
    print(f"{subscriptions:,} subscriptions filed in {seconds:.1f} s, {_megabytes() - before} MB")
    documents = [maker.item() for _ in range(items)]
    times, candidates, matched = [], 0, 0
    for document in documents:
        began = time.process_time()
        matched += len(index.matching(document))
        times.append((time.process_time() - began) * 1e3)
        candidates += len(index.candidates(document))
    tail = quantiles(times, n=20)[-1]
    print(f"{items:,} items: median {median(times):.1f} ms, 95 % under {tail:.1f} ms, slowest {max(times):.1f} ms")
    print(f"per item {candidates / items:,.0f} candidates, {matched / items:,.0f} matches")


def _megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subscriptions", type=int, default=100_000)
    parser.add_argument("--items", type=int, default=200)
    given = parser.parse_args()
    main(given.subscriptions, given.items)

"""How long does one item take against 100,000 subscriptions, and what do they weigh?

Subscriptions are drawn as people write them: a theme or two, words, a language, now and then a phrase. The words
of items follow Zipf's law over a made vocabulary, those of queries leave out its fifty commonest. Times are of the
processor, for one thread. `--beside COMMIT` files the same queries in the index of that commit too, and asks both
of each item in turn; each index is filed in a process of its own to be weighed.

example: python benchmarks/matching.py
example: python benchmarks/matching.py --beside 8aed4d1
example: python benchmarks/matching.py --subscriptions 10000 --items 50 --loop
"""

# ruff: noqa: T201 - a benchmark prints

import argparse
import gc
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import median, quantiles
from types import ModuleType
from typing import Any

from shared.query.index import SubscriptionIndex
from shared.query.match import Document, Passage, predicate
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

    def item(self) -> Callable[[], Document]:
        """Makes the same document as often as it is asked for one: what a document remembers helps nobody else."""
        body = " ".join(self.some_words(WORDS_OF_AN_ITEM))
        language = self.random.choice(["de", "fr", "en"])
        title, text = analyse(" ".join(self.some_words(9)), language), analyse(body, language)
        facts: dict[str, Any] = {
            "sources": frozenset(("dfki",)),
            "themes": frozenset(self.random.sample(self.themes, self.random.choice([0, 1, 1, 2]))),
            "organisations": frozenset(),
            "country": self.random.choice(["DE", "FR"]),
            "language": language,
            "sovereignty": self.random.random(),
            "franco_german": False,
            "day": NOW.date(),
            "scores": {},
            "model": "bench",
            "announced": {},
        }
        return lambda: Document(title=Passage(title), body=Passage(text), **facts)


def main(subscriptions: int, items: int, beside: str, *, loop: bool) -> None:
    maker = Maker()
    queries = [maker.query() for _ in range(subscriptions)]
    documents = [maker.item() for _ in range(items)]
    kinds: dict[str, Any] = {"ours": SubscriptionIndex}
    if beside:
        kinds[beside] = _index_of(beside).SubscriptionIndex
    for name, kind in kinds.items():
        seconds, megabytes = _weighed(kind, queries)
        print(f"{name}: {subscriptions:,} subscriptions filed in {seconds:.1f} s, {megabytes:.0f} MB")
    asked = {name: kind(enumerate(queries)).matching for name, kind in kinds.items()}
    if loop:
        every = [predicate(query.node) for query in queries]
        asked["loop"] = lambda document: tuple(n for n, holds in enumerate(every) if holds(document))
    times: dict[str, list[float]] = {name: [] for name in asked}
    matched = 0
    for number, document in enumerate(documents):
        answers = []
        for name in sorted(asked, reverse=bool(number % 2)):
            one = document()
            began = time.process_time()
            answers.append(sorted(asked[name](one)))
            times[name].append((time.process_time() - began) * 1e3)
        assert all(answer == answers[0] for answer in answers), "the indexes differ"
        matched += len(answers[0])
    for name, taken in times.items():
        tail = quantiles(taken, n=20)[-1]
        print(
            f"{name}: median {median(taken):.2f} ms an item, 95 % under {tail:.2f} ms, slowest {max(taken):.1f} ms"
        )
        if name != "ours":
            ratios = [ours / theirs for ours, theirs in zip(times["ours"], taken, strict=True)]
            low, _, high = quantiles(ratios, n=4)
            print(f"ours / {name}: {median(ratios):.3f} ({low:.3f} - {high:.3f})")
    print(f"per item {matched / items:,.0f} matches")


def _index_of(commit: str) -> ModuleType:
    """The index as it was, over everything else as it is."""
    path = "shared/query/index.py"
    root = Path(__file__).parent.parent
    told = subprocess.run(
        ["git", "show", f"{commit}:{path}"], cwd=root, capture_output=True, check=True, text=True
    )
    module = ModuleType(f"index_{commit}")
    sys.modules[module.__name__] = module  # dataclasses look it up
    exec(compile(told.stdout, path, "exec"), module.__dict__)
    return module


def _weighed(kind: Any, queries: Sequence[Query]) -> tuple[float, float]:
    """(seconds, megabytes) of filing, in a process of its own."""
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    process = context.Process(target=_weigh, args=(kind, queries, answers))
    process.start()
    seconds, megabytes = answers.get()
    process.join()
    return seconds, megabytes


def _weigh(kind: Any, queries: Sequence[Query], answers: Any) -> None:
    gc.collect()
    gc.freeze()
    before, began = _megabytes(), time.process_time()
    index = kind(enumerate(queries))
    seconds = time.process_time() - began
    gc.collect()
    answers.put((seconds, _megabytes() - before))
    assert len(index) == len(queries)


def _megabytes() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subscriptions", type=int, default=100_000)
    parser.add_argument("--items", type=int, default=200)
    parser.add_argument("--beside", default="", help="a commit whose index is asked too")
    parser.add_argument("--loop", action="store_true", help="ask each query by itself, too")
    given = parser.parse_args()
    main(given.subscriptions, given.items, given.beside, loop=given.loop)

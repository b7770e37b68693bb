"""How fast is the classifier? Tags invented items one by one on one core, reasons included.

    python benchmarks/classify.py [ROUNDS] [CHARACTERS]        default 20 rounds, items as they are

Prints the seconds that loading takes and, in the processor's own time, items per second and the slowest item.
With CHARACTERS every text is repeated up to that length, to see what long articles cost.
"""
# ruff: noqa: T201 - a benchmark prints

import json
import sys
import time
from pathlib import Path
from typing import Final

from services.classifier.model import ClassifiableText, load_model
from shared.config import Settings

ITEMS: Final = Path(__file__).parents[1] / "tests" / "data" / "classifier" / "written.jsonl"


def main(rounds: int, characters: int) -> None:
    began = time.perf_counter()
    model = load_model(Settings())
    texts = [_text(json.loads(line), characters) for line in ITEMS.read_text("utf-8").splitlines()]
    model.classify(texts[0])  # the first text also loads the language detector
    print(f"{model.name}: ready in {time.perf_counter() - began:.2f} s")
    took = []
    for _ in range(rounds):
        for text in texts:
            start = time.process_time()
            model.classify(text)
            took.append(time.process_time() - start)
    size = sum(len(text.title) + len(text.body) for text in texts) / len(texts)
    print(f"{len(took) / sum(took):.0f} items/s of {size:.0f} characters, slowest {max(took) * 1000:.1f} ms")


def _text(item: dict[str, str], characters: int) -> ClassifiableText:
    body = item["text"] + " "
    return ClassifiableText(item["title"], body * max(1, characters // len(body)), languages=(item["lang"],))


if __name__ == "__main__":
    main(*(int(given) for given in (*sys.argv[1:], *("20", "0")[len(sys.argv) - 1 :])))

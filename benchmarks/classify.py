"""How fast is the classifier? Tags invented items one by one on one core, reasons included, and makes the vectors
of meaning that are kept beside each.

    python benchmarks/classify.py [ROUNDS] [CHARACTERS] [CHECKOUT]        default 5 rounds, items as they are

Prints the seconds until the first verdict, the resident memory then, and in the processor's own time items per
second and the slowest item; the same for the lexicon alone, and, where torch is installed, for a zero-shot NLI
model of the shape of mDeBERTa-base with random weights, which reads a text once per label.
With CHARACTERS every text is repeated up to that length, to see what long articles cost. With CHECKOUT, the folder
of another commit with its environment, only the shipped models of both, in turn, and the ratio of each pair.
"""
# ruff: noqa: T201 - a benchmark prints

import json
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from services.classifier.labels import labels
from services.classifier.load import load_model
from services.classifier.model import ClassifiableText
from shared.config import Settings
from shared.meaning.encoder import the_encoder
from shared.threads import one_thread_for_arithmetic

ITEMS: Final = Path(__file__).parents[1] / "tests" / "data" / "classifier" / "press.jsonl"
NLI: Final = "nli"
NLI_TEXTS: Final = 2  # it needs many seconds for one
NLI_TOKENS: Final = 128


def main(rounds: int, characters: int) -> None:
    for name in ("", "lexicon", NLI):
        if name == NLI and find_spec("torch") is None:
            print("zero-shot NLI: left out, torch is not installed")
            continue
        # each in a process of its own: what one loads, the next does not pay for
        command = [sys.executable, __file__, str(rounds), str(characters), name]
        subprocess.run(command, check=True)


def beside(checkout: Path, rounds: int, characters: int) -> None:
    """Pairs of processes, as many as rounds; each goes through the items once."""
    ratios = []
    for _ in range(rounds):
        theirs, ours = (_items_a_second(folder, characters) for folder in (checkout, Path(__file__).parents[1]))
        ratios.append(ours / theirs)
        print(f"{theirs:.1f} items/s there, {ours:.1f} here: {ratios[-1]:.2f}")
    print(f"median {statistics.median(ratios):.2f} ({min(ratios):.2f} - {max(ratios):.2f})")


def _items_a_second(folder: Path, characters: int) -> float:
    python, script = folder / ".venv" / "bin" / "python", folder / "benchmarks" / "classify.py"
    command = [str(python), str(script), "1", str(characters), ""]
    said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder).stdout
    return float(re.findall(r"([\d.]+) items/s", said)[0])


def measure(name: str, rounds: int, characters: int) -> None:
    began = time.perf_counter()
    texts = [_text(json.loads(line), characters) for line in ITEMS.read_text("utf-8").splitlines()]
    title, tag = _nli() if name == NLI else _model(name)
    tag(texts[0])
    ready = time.perf_counter() - began
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sample = texts[:NLI_TEXTS] if name == NLI else texts
    took = [_seconds(tag, text) for _ in range(1 if name == NLI else rounds) for text in sample]
    size = sum(len(text.title) + len(text.body) for text in sample) / len(sample)
    print(f"{title}: first verdict after {ready:.2f} s, {resident:.0f} MB resident at most until then")
    print(
        f"  {len(took) / sum(took):.1f} items/s of {size:.0f} characters on one core, median "
        f"{statistics.median(took) * 1000:.1f} ms, slowest {max(took) * 1000:.1f} ms"
    )


def _model(name: str) -> tuple[str, Callable[[ClassifiableText], object]]:
    model, encoder = load_model(Settings(model=name)), the_encoder()

    def tag(text: ClassifiableText) -> None:
        model.classify(text)
        encoder.of_item(text.title, text.body)

    return model.name, tag


def _nli() -> tuple[str, Callable[[ClassifiableText], object]]:
    """A model of the shape of mDeBERTa-v3-base, untrained: what one text costs against every label."""
    import torch
    from transformers import DebertaV2Config, DebertaV2ForSequenceClassification

    torch.set_num_threads(1)
    shape = DebertaV2Config(
        vocab_size=251_000,
        relative_attention=True,
        position_buckets=256,
        pos_att_type=["p2c", "c2p"],
        norm_rel_ebd="layer_norm",
        share_att_key=True,
        max_relative_positions=-1,
        position_biased_input=False,
        type_vocab_size=0,
        num_labels=3,
    )
    model: Any = DebertaV2ForSequenceClassification(shape).eval()

    def tag(_: ClassifiableText) -> None:
        with torch.inference_mode():
            for _label in labels():
                model(torch.randint(5, 250_000, (1, NLI_TOKENS)))

    return f"zero-shot NLI, {len(labels())} hypotheses, {NLI_TOKENS} tokens, 32 bits", tag


def _seconds(tag: Callable[[ClassifiableText], object], text: ClassifiableText) -> float:
    start = time.process_time()
    tag(text)
    return time.process_time() - start


def _text(item: dict[str, str], characters: int) -> ClassifiableText:
    body = item["text"] + " "
    return ClassifiableText(item["title"], body * max(1, characters // len(body)), languages=(item["lang"],))


def _given(arguments: Sequence[str]) -> tuple[int, int]:
    rounds, characters = (*arguments[:2], *("5", "0")[len(arguments[:2]) :])
    return int(rounds), int(characters)


if __name__ == "__main__":
    one_thread_for_arithmetic()  # as `vigie run` does, before numpy is loaded again in the processes below
    if len(sys.argv) > 3 and "/" in sys.argv[3]:
        beside(Path(sys.argv[3]).resolve(), *_given(sys.argv[1:]))
    elif len(sys.argv) > 3:
        measure(sys.argv[3], *_given(sys.argv[1:]))
    else:
        main(*_given(sys.argv[1:]))

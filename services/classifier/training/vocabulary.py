"""A tokenizer with German and French words, and the encoder's vectors for them.

An English tokenizer cuts a German word into 2.5 pieces. New pieces are learnt from the word counts of `wordfreq`,
not from a corpus; each begins as the mean of the vectors of the pieces it replaces. Pieces of other scripts go.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import torch
import wordfreq
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import AutoModel

SIZES: Final = {"de": 24_000, "fr": 18_000}  # pieces learnt per language, most of which English has too
_WORDS: Final = 300_000  # of a language, the most frequent
_COUNT: Final = 2e7  # words that the counts are scaled to
_INSIDE: Final = "##"
_LATIN: Final = 0x250
_SIGNS: Final = range(0x2000, 0x2200)


def extend(base: Path, target: Path) -> None:
    """Writes the encoder in `base` with the larger vocabulary to `target`."""
    old = Tokenizer.from_file(str(base / "tokenizer.json"))
    old.no_padding()
    old.no_truncation()
    pieces = _pieces(old.get_vocab())
    target.mkdir(parents=True, exist_ok=True)
    written = json.dumps(_tokenizer(json.loads(old.to_str()), pieces), ensure_ascii=False)
    (target / "tokenizer.json").write_text(written, "utf-8")
    model: Any = AutoModel.from_pretrained(base, local_files_only=True)
    known = model.embeddings.word_embeddings.weight.data
    rows = [_row(known, old, piece) for piece in pieces]
    model.resize_token_embeddings(len(pieces))
    model.embeddings.word_embeddings.weight.data = torch.stack(rows)
    model.config.pad_token_id = model.embeddings.word_embeddings.padding_idx = pieces.index("[PAD]")
    model.save_pretrained(target)


def _pieces(known: Mapping[str, int]) -> list[str]:
    """The old pieces of Latin script in their order, then the new ones."""
    kept = [piece for piece, _ in sorted(known.items(), key=lambda pair: pair[1]) if _is_kept(piece)]
    learnt = {piece for language, size in SIZES.items() for piece in _learnt(language, size)}
    return kept + sorted(piece for piece in learnt if piece not in known and _is_word(piece))


def _learnt(language: str, size: int) -> Mapping[str, int]:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(strip_accents=False, lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=["[UNK]"], min_frequency=3, continuing_subword_prefix=_INSIDE
    )
    tokenizer.train_from_iterator(_counted(language), trainer)
    return tokenizer.get_vocab()


def _counted(language: str) -> Iterator[str]:
    """Words as often as the language has them, in chunks."""
    for word in wordfreq.top_n_list(language, _WORDS):
        count = max(1, int(wordfreq.word_frequency(word, language) * _COUNT))
        for start in range(0, count, 1000):
            yield " ".join([word] * min(1000, count - start))


def _is_kept(piece: str) -> bool:
    if piece.startswith("["):
        return not piece.startswith("[unused")
    return all(ord(letter) < _LATIN or ord(letter) in _SIGNS for letter in piece)


def _is_word(piece: str) -> bool:
    letters = piece.removeprefix(_INSIDE)
    return bool(letters) and all(
        (letter.isalpha() and ord(letter) < _LATIN) or letter == "-" for letter in letters
    )


def _tokenizer(old: dict[str, Any], pieces: Sequence[str]) -> dict[str, Any]:
    """The old tokenizer's file with the new vocabulary; accents stay, special tokens get their new numbers."""
    numbers = {piece: number for number, piece in enumerate(pieces)}
    old["model"]["vocab"] = numbers
    old["normalizer"]["strip_accents"] = False
    for token in old["added_tokens"]:
        token["id"] = numbers[token["content"]]
    for name, special in old["post_processor"].get("special_tokens", {}).items():
        special["ids"] = [numbers[name]]
    for end in ("cls", "sep"):
        if end in old["post_processor"]:
            old["post_processor"][end][1] = numbers[old["post_processor"][end][0]]
    return old


def _row(known: torch.Tensor, old: Tokenizer, piece: str) -> torch.Tensor:
    number = old.token_to_id(piece)
    if number is not None:
        return known[number].clone()
    letters = piece.removeprefix(_INSIDE)
    replaced = old.encode(letters, add_special_tokens=False).ids
    if piece.startswith(_INSIDE):
        whole = old.encode("a" + letters, add_special_tokens=False).ids
        if len(whole) > 1 and old.id_to_token(whole[0]) == "a":
            replaced = whole[1:]
    return known[replaced].mean(0)

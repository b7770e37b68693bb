"""Words are analysed chunk by chunk, each once; what comes out is as if the text were read word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.text.analyse import analyse, placed
from shared.text.fold import chunk_tokens, chunks, tokens

PIECES = some.sampled_from(
    "ai AI s eu EU j’ l' d’ ’ ' - / . , : + # ++ 4 0 \u0301 \u00ad Energie ENERGIE Förderung KI énergie "
    "Google's l’ai ai’s DFKI/Inria Industrie4.0 C++ 日本 \n".split(" ")
)
WRITTEN = some.lists(some.tuples(PIECES, some.sampled_from(["", "", " "])), max_size=12).map(
    lambda pieces: "".join(piece + gap for piece, gap in pieces)
)


@given(WRITTEN | some.text(max_size=60), some.sampled_from(["de", "fr", "en", "other"]))
def test_the_analysis_of_a_text_is_that_of_its_words_where_they_stand(text: str, language: str) -> None:
    analysed, read = analyse(text, language), placed(text, language)
    assert analysed.exact == tuple(word.folded for word in read if word.folded)
    assert set(analysed.terms) - {"0"} == {term for word in read for term in word.terms} - {"0"}


@given(WRITTEN | some.text(max_size=60))
def test_a_text_has_the_words_of_its_chunks(text: str) -> None:
    read = [word.surface for chunk in chunks(text) for word in chunk_tokens(chunk)]
    assert read == [word.surface for word in tokens(text)]


@pytest.mark.parametrize("before", ["it’s ", "it’s \u0301’"])
def test_what_stands_behind_an_elided_word_is_read_so_across_chunks(before: str) -> None:
    assert "dai" in analyse("it ai", "de").terms
    assert "dai" not in analyse(f"{before}ai", "de").terms

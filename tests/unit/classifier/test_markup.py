"""What is found in a text without its markup leads back to the text as given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classifier.markup import plain


@pytest.mark.parametrize(
    ("given_text", "words"),
    [
        ("<p>Die <b>KI</b> hilft</p>", "Die KI hilft"),
        ("Sant&eacute; &amp; Co", "Santé & Co"),
        ("<script>var energie = 1;</script>Ruhe", "Ruhe"),
        ("<!-- Energie -->Ruhe", "Ruhe"),
        ("3 < 4 und 5 > 2", "3 < 4 und 5 > 2"),
        ("\ud800 KI", "KI"),
        ("", ""),
    ],
)
def test_markup_is_left_out(given_text: str, words: str) -> None:
    assert plain(given_text).text.split() == words.split()


def test_a_passage_leads_back_to_its_references() -> None:
    text = plain("<i>La sant&eacute; de l&#8217;&Eacute;tat</i>")
    assert text.as_given("santé de") == "sant&eacute; de"
    assert text.as_given("l’État") == "l&#8217;&Eacute;tat"
    assert text.as_given("not here") is None


@given(
    st.lists(
        st.sampled_from(["<b>", "</b>", "&eacute;", "&amp;", "&nbsp;", "KI", "é", " ", "<", "&", ";"]), max_size=30
    )
)
def test_every_stretch_leads_to_a_stretch_of_the_original(pieces: list[str]) -> None:
    text = plain("".join(pieces))
    for word in text.text.split():
        assert text.as_given(word)


@given(st.text(max_size=200))
def test_a_text_without_markup_stays_as_it_is(words: str) -> None:
    words = words.replace("<", "").replace("&", "")
    assert plain(words).text == words

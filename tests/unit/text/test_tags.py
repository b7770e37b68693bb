"""Tags that no publication has, and that parsers would spend minutes on."""

import pytest

from shared.text.html import plain_text
from shared.text.tags import has_giant_tag, without_giant_tags

MANY = " ".join(f"a{number}" for number in range(20_000))


@pytest.mark.parametrize("tag", [f"<p {MANY}>", f"<p x='>' {MANY}>", f"<p class='{MANY}'>", f'<p x="<" {MANY}'])
def test_a_tag_of_thousands_of_words_is_left_out_and_the_text_around_it_stays(tag: str) -> None:
    assert has_giant_tag(f"<b>Vorher</b> {tag}")
    assert plain_text(f"<b>Vorher</b> {tag}") == "Vorher"
    assert not has_giant_tag(without_giant_tags(f"<b>Vorher</b> {tag} danach"))


@pytest.mark.parametrize(
    "markup",
    [
        f"<p>{MANY}</p>",
        f"<img src='data:image/png;base64,{'A' * 500_000}'>",
        f'<p title="eins"> {MANY} <b>5 > 3</b>',
        f"5 < 7 {MANY}",
        "<p>" * 150_000,
    ],
)
def test_long_texts_and_pictures_within_a_page_are_no_such_tags(markup: str) -> None:
    assert not has_giant_tag(markup)
    assert without_giant_tags(markup) == markup

"""What makes two records the same publication."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import BadInput
from shared.identity import canonical_url, content_hash, item_id_for_guid, item_id_for_url


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("HTTPS://Www.Example.ORG:443", "https://www.example.org/"),
        ("http://example.org:8080/a", "http://example.org:8080/a"),
        ("https://example.org/a/../b/./c", "https://example.org/b/c"),
        ("https://example.org/a#teil", "https://example.org/a"),
        ("https://example.org/#!/news/1", "https://example.org/#!/news/1"),
        ("https://example.org/a?b=2&a=1", "https://example.org/a?b=2&a=1"),
        ("https://user:pass@example.org/a", "https://example.org/a"),
        ("https://example.org/%7eme/%2f%c3%a4 ü", "https://example.org/~me/%2F%C3%A4%20%C3%BC"),
        ("https://müller.example.org/straße", "https://xn--mller-kva.example.org/stra%C3%9Fe"),
        ("  https://example.org/a\n b ", "https://example.org/a%20b"),
        ("https://example.org/a;jsessionid=1A2B.live?x=1", "https://example.org/a?x=1"),
    ],
)
def test_an_address_has_one_form(written: str, canonical: str) -> None:
    assert canonical_url(written) == canonical


@pytest.mark.parametrize(
    "parameter",
    [
        "wt_mc=rss.beitrag",
        "xtor=RSS-1",
        "at_medium=RSS",
        "at_campaign=rss",
        "utm_source=x",
        "UTM_Medium=y",
        "fbclid=1",
    ],
)
def test_tracking_parameters_go_and_others_stay(parameter: str) -> None:
    assert canonical_url(f"https://example.org/a?id=7&{parameter}&seite=2") == "https://example.org/a?id=7&seite=2"


@pytest.mark.parametrize(
    "url", ["", "feed.xml", "mailto:a@example.org", "http://", "http://[::1", "http://a:b/", "file:///x"]
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(BadInput):
        canonical_url(url)


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=20))
def test_the_canonical_form_is_its_own(path: str, query: str, fragment: str) -> None:
    try:
        once = canonical_url(f"https://www.example.org/{path}?{query}#{fragment}")
    except BadInput:
        return
    assert canonical_url(once) == once
    assert once.isascii()
    assert len(item_id_for_url(once)) == 32


def test_a_site_that_moves_to_https_keeps_its_items() -> None:
    assert item_id_for_url("http://example.org/a") == item_id_for_url("https://example.org/a")


def test_the_same_guid_of_two_sources_is_two_items() -> None:
    assert item_id_for_guid("a", "1") != item_id_for_guid("b", "1")
    assert item_id_for_guid("a", "b1") != item_id_for_guid("ab", "1")


def test_only_the_words_make_the_content() -> None:
    assert content_hash("Ein  Titel", "x\ny", "") == content_hash("Ein Titel", "x y", "")
    assert content_hash("Ein Titel", "x", "") != content_hash("Ein Titel", "", "x")

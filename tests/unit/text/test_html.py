"""Markup to plain text, and to markup that is safe."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.text.html import plain_text, sanitise


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("", ""),
        ("plain  words", "plain words"),
        ("AT&amp;T &eacute;nergie &#8211; 5&nbsp;%", "AT&T énergie – 5 %"),
        ("a < b and c > d", "a < b and c > d"),
        ("<p>One</p><p>Two<br>Three</p>", "One\nTwo\nThree"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("<td>a</td><td>b</td>", "a b"),
        ("in<b>side</b> a word", "inside a word"),
        ("<p>a\n  b</p>", "a b"),
        ("a<script>alert(1)</script>b<style>p{}</style>c", "abc"),
        ("<!-- hidden -->shown<!-- hidden --> too", "shown too"),
        ("<p>un<p>closed <b>tags", "un\nclosed tags"),
        ("Minis&shy;terium\u200b", "Ministerium"),
        ("a\x00b\ud800c", "a b c"),
        ("<meta charset=latin-1><p>für", "für"),
        ("<!-- nothing else -->", ""),
    ],
)
def test_markup_becomes_plain_text(markup: str, text: str) -> None:
    assert plain_text(markup) == text


@given(some.text(max_size=300))
def test_any_input_becomes_text_that_utf_8_can_carry(markup: str) -> None:
    plain_text(markup).encode()
    plain_text(f"<p>{markup}<b>").encode()
    sanitise(markup).encode()


@pytest.mark.parametrize(
    "markup",
    [
        "<p>Hello <b>wörld</b> &amp; more</p>" * 280_000,
        "<" * 10_000_000,
        "&amp;" * 2_000_000,
        "<b>" * 3_000_000,
        "<a href='" * 1_000_000,
    ],
    ids=["plain", "angles", "entities", "nested", "open attributes"],
)
def test_ten_megabytes_take_seconds(markup: str) -> None:
    began = time.process_time()
    plain_text(markup)
    assert time.process_time() - began < 10


def test_words_below_ten_thousand_open_elements_are_kept() -> None:
    assert plain_text("<div>" * 10_000 + "deep") == "deep"


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<p onclick='alert(1)'>x</p>",
        "<iframe src='https://example.org'></iframe>",
        "<svg><script>alert(1)</script></svg>",
        "<style>p{background:url(javascript:alert(1))}</style>",
    ],
)
def test_nothing_that_runs_survives_sanitising(markup: str) -> None:
    assert not any(word in sanitise(markup) for word in ("alert", "script", "onerror", "iframe", "style"))


def test_sanitising_keeps_text_and_links() -> None:
    kept = sanitise('<p>See <a href="https://example.org/a" target="_top">this</a></p>')
    assert kept == '<p>See <a href="https://example.org/a" rel="noopener noreferrer nofollow">this</a></p>'


def test_sanitising_is_quick_on_ten_megabytes() -> None:
    began = time.process_time()
    sanitise("&amp;" * 2_000_000)
    assert time.process_time() - began < 10

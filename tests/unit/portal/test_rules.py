"""The pure rules of the portal: languages, links, choices, passages, texts."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.portal import languages, links, passages, show, site
from services.portal.choices import Choices
from services.portal.guard import is_cross_site, is_loopback
from services.portal.throttle import PER_CLIENT, Throttle, client_of
from shared.locales import load_texts
from shared.query import syntax

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HERE = Path(site.__file__).parent


@pytest.mark.parametrize(
    ("accepts", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("es,fr;q=0.2,en;q=0.1", "fr"),
        ("fr;q=0,en", "en"),
        ("*", "en"),
        ("de;q=nonsense, fr", "fr"),
        (",,;;q=", "en"),
    ],
)
def test_the_browsers_wish_decides_on_the_language(accepts: str, language: str) -> None:
    assert languages.preferred(accepts) == language


@pytest.mark.parametrize("url", ["http://example.org", "https://example.org/a?b#c", "HTTPS://example.org"])
def test_web_addresses_may_be_linked(url: str) -> None:
    assert links.safe_link(url) == url


@pytest.mark.parametrize("url", [None, "", "ftp://a.example", "vbscript:x", "http:", "https://", "http://[", "/"])
def test_nothing_else_may_be_linked(url: str | None) -> None:
    assert links.safe_link(url) is None


@given(st.text(), st.lists(st.text(min_size=1)))
def test_marked_pieces_are_the_text_again(text: str, found: list[str]) -> None:
    pieces = passages.marked(text, found)
    assert "".join(piece.text for piece in pieces) == text


def test_overlapping_passages_become_one_mark() -> None:
    pieces = passages.marked("ein Netz lernt", ["ein Netz", "Netz lernt"])
    assert pieces == (passages.Piece("ein Netz lernt", True),)


def test_an_excerpt_ends_at_a_word() -> None:
    assert passages.excerpt("ein lernendes Netz", 14) == "ein lernendes …"
    assert passages.excerpt("kurz", 14) == "kurz"


def test_choices_join_all_of_the_words_with_any_of_each_kind() -> None:
    chosen = Choices("Wind OR Sonne", ("energy", "ai"), ("de",), ("FR",), True, True)
    assert chosen.query() == (
        "(Wind OR Sonne) (theme:energy OR theme:ai) lang:de country:FR is:franco-german sovereignty:>0.6"
    )


def test_a_filter_turned_twice_is_as_it_was() -> None:
    chosen = Choices("Wind", ("energy",))
    for kind, value in (
        ("themes", "ai"),
        ("languages", "de"),
        ("countries", "FR"),
        ("sources", "x"),
        ("bands", "0.2"),
    ):
        turned = chosen.toggled(kind, value)  # type: ignore[arg-type]
        assert turned.of(kind) == (*chosen.of(kind), value)  # type: ignore[arg-type]
        assert turned.toggled(kind, value) == chosen  # type: ignore[arg-type]
    assert chosen.switched("sovereign").sovereign
    assert chosen.switched("sovereign").switched("sovereign") == chosen


def test_choices_of_every_kind_are_one_query() -> None:
    chosen = Choices(
        "Wind", sources=("inria",), organisations=("dfki", "ecole x"), bands=("0.2", "0.8"), months=("2026-12",)
    )
    assert chosen.query() == (
        'Wind source:inria (org:dfki OR org:"ecole x") after:2026-12 before:2027-01'
        " ((sovereignty:>=0.2 sovereignty:<0.5) OR sovereignty:>=0.8)"
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.9.1"])
def test_this_machine_is_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "example.org", "192.168.0.1", ""])
def test_everything_else_is_not(host: str) -> None:
    assert not is_loopback(host)


def test_a_proxy_that_changes_the_host_is_known_by_the_public_address() -> None:
    headers = {"origin": "https://vigie.example.org", "host": "127.0.0.1:8080"}
    assert not is_cross_site(headers, "https://vigie.example.org")
    assert is_cross_site(headers, "")


def test_a_limit_holds_per_client_and_ends() -> None:
    throttle, most = Throttle(), PER_CLIENT[0][0]
    assert [throttle.allows("a", NOON) for _ in range(most + 1)] == [True] * most + [False]
    assert throttle.allows("b", NOON)
    assert throttle.allows("a", NOON + timedelta(minutes=2))


def test_all_clients_together_are_limited() -> None:
    throttle = Throttle()
    asked = [throttle.allows(f"192.0.2.{number}", NOON) for number in range(70)]
    assert asked.count(True) == 60


def test_a_household_of_ipv6_is_one_client() -> None:
    assert client_of("2001:db8::1") == client_of("2001:db8::ffff")
    assert client_of("2001:db8:0:1::1") != client_of("2001:db8::1")
    assert client_of("192.0.2.1") == "192.0.2.1"


def test_dates_and_numbers_are_written_as_each_language_does() -> None:
    assert [show.day(NOON, lang) for lang in ("de", "fr", "en")] == [
        "21. November 2026",
        "21 novembre 2026",
        "21 November 2026",
    ]
    assert [show.number(12345, lang) for lang in ("de", "fr", "en")] == ["12.345", "12\u202f345", "12,345"]
    assert show.ago(NOON, NOON + timedelta(hours=3), "fr") == "il y a 3 heures"
    assert [show.plural(0, lang) for lang in ("de", "fr", "en")] == ["many", "one", "many"]


def test_every_text_that_a_template_names_exists_and_none_is_left_over() -> None:
    texts = load_texts(HERE / "locales")["en"].texts
    source = "\n".join(path.read_text("utf-8") for path in (HERE / "templates").glob("*.html"))
    code = "\n".join(path.read_text("utf-8") for path in HERE.rglob("*.py"))
    named = set(re.findall(r'say\("([a-z_0-9]+)"[,)]', source)) | set(re.findall(r'else "([a-z_]+)"\)', source))
    named |= {
        f"{key}_{form}" for key in re.findall(r'say\.count\("([a-z_]+)"', source) for form in ("one", "many")
    }
    prefixes = set(re.findall(r'"([a-z_]+_)" ~', source)) | {"label_", "on_", "remedy_"}  # these in `Speech`
    assert named <= set(texts)
    spare = {key for key in texts if key not in named and not key.startswith(tuple(prefixes))}
    assert {key for key in spare if f'"{key}"' not in source + code} == set()


def test_french_signs_stand_after_a_space_that_does_not_break() -> None:
    broken = [
        text
        for folder in (HERE / "locales", Path(syntax.__file__).parent / "locales")
        for text in load_texts(folder)["fr"].texts.values()
        if re.search(r" [;:?!»]|« ", text)
    ]
    assert broken == []


def test_the_three_languages_fill_in_the_same_names() -> None:
    catalogues = load_texts(HERE / "locales")
    for key, text in catalogues["en"].texts.items():
        names = set(re.findall(r"{(\w+)}", text))
        for language in ("de", "fr"):
            assert set(re.findall(r"{(\w+)}", catalogues[language].texts[key])) == names, (language, key)

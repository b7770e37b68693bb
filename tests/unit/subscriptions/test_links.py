"""Signed links: bound to purpose, subject, time and key."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.errors import BadLink
from shared.subscriptions.keys import Keys
from shared.subscriptions.links import Links, Purpose, confirm_token, sign, verify

KEYS = Keys((b"a key",), (b"a key for addresses",))
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_a_token_gives_back_its_subject() -> None:
    assert verify(KEYS, Purpose.LEAVE, sign(KEYS, Purpose.LEAVE, "0a1b"), NOW) == "0a1b"


def test_a_token_serves_one_purpose_only() -> None:
    token = sign(KEYS, Purpose.LEAVE, "0a1b")
    for other in (Purpose.CONFIRM, Purpose.PREFERENCES):
        with pytest.raises(BadLink):
            verify(KEYS, other, token, NOW)


def test_a_token_of_another_installation_opens_nothing() -> None:
    with pytest.raises(BadLink):
        verify(Keys((b"another key",), (b"x",)), Purpose.LEAVE, sign(KEYS, Purpose.LEAVE, "0a1b"), NOW)


@pytest.mark.parametrize("place", range(40))
def test_no_character_of_a_token_can_be_changed(place: int) -> None:
    token = sign(KEYS, Purpose.LEAVE, "0a1b", NOW)
    changed = token[:place] + ("x" if token[place] != "x" else "y") + token[place + 1 :]
    with pytest.raises(BadLink):
        verify(KEYS, Purpose.LEAVE, changed, NOW)


@pytest.mark.parametrize("junk", ["", ".", "..", "...", "a.b.c", "ä.0.ß", "0a1b.0", "%00"])
def test_junk_is_no_token(junk: str) -> None:
    with pytest.raises(BadLink):
        verify(KEYS, Purpose.LEAVE, junk, NOW)


def test_a_confirmation_holds_seven_days_and_a_leave_link_for_ever() -> None:
    token = confirm_token(KEYS, "0a1b", NOW)
    assert verify(KEYS, Purpose.CONFIRM, token, NOW + timedelta(days=7)) == "0a1b"
    with pytest.raises(BadLink, match="too old"):
        verify(KEYS, Purpose.CONFIRM, token, NOW + timedelta(days=7, seconds=1))
    assert verify(KEYS, Purpose.LEAVE, sign(KEYS, Purpose.LEAVE, "0a1b"), NOW + timedelta(days=4000)) == "0a1b"


def test_a_url_ends_in_a_letter_or_a_digit_so_that_no_mail_program_cuts_it() -> None:
    links = Links("https://vigie.example.org", KEYS)
    for number in range(200):
        url = links.leave("de", f"{number:x}")
        assert url.startswith("https://vigie.example.org/de/leave/")
        assert url[-1].isalnum()


def test_the_key_does_not_show_in_a_printed_links() -> None:
    assert "a key" not in repr(Links("https://vigie.example.org", KEYS))

"""Mails that were not taken: each once, newest first, for two weeks."""

from datetime import timedelta
from typing import Final

from shared.sources.refusals import MOST, Others, Refusal, Refusals, joined, restored
from tests.fakes import FakeClock

NOW: Final = FakeClock().now()


def refusal(days: float, why: str = "unproven") -> Refusal:
    return Refusal(NOW - timedelta(days=days), "news@example.org", "Newsletter", why)


def test_what_is_stored_comes_back() -> None:
    refusals = Refusals((refusal(1),), (Others("stranger.example", 3, NOW),))
    assert restored(refusals.stored()) == refusals
    assert restored(None) == Refusals()
    assert not restored(None)


def test_they_are_kept_for_two_weeks_each_once() -> None:
    old = Refusals((refusal(13), refusal(2)))
    assert joined(old, Refusals((refusal(2), refusal(0))), NOW).mails == (refusal(0), refusal(2), refusal(13))
    assert joined(old, Refusals(), NOW + timedelta(days=5)).mails == (refusal(2),)
    many = Refusals(tuple(refusal(0, str(number)) for number in range(MOST + 5)))
    assert len(joined(old, many, NOW).mails) == MOST


def test_mails_of_others_are_summed_up() -> None:
    one, two = Others("a.example", 3, NOW - timedelta(days=1)), Others("a.example", 2, NOW)
    late = Others("b.example", 9, NOW - timedelta(days=15))
    assert joined(Refusals((), (one, late)), Refusals((), (two,)), NOW).others == (Others("a.example", 5, NOW),)

"""How a log is recognised after it was deleted, or put back from an older copy."""

import pytest

from shared.bus.marks import Mark, Marks, read, renewed, written

BEFORE: Marks = {"items": Mark("one", 10), "other": Mark("one", 3)}


@pytest.mark.parametrize(
    ("now", "found"),
    [
        ({"items": Mark("one", 10), "other": Mark("one", 3)}, ()),
        ({"items": Mark("one", 25), "other": Mark("one", 3)}, ()),
        ({"items": Mark("two", 0), "other": Mark("two", 0)}, ("items", "other")),
        ({"items": Mark("two", 11), "other": Mark("one", 3)}, ("items",)),
        ({"items": Mark("one", 9), "other": Mark("one", 3)}, ("items",)),
        ({"items": Mark("", 12), "other": Mark("one", 3)}, ()),  # a broker that knows no ids
        ({"items": Mark("", 2), "other": Mark("one", 3)}, ("items",)),
        ({"items": Mark("one", 10), "new": Mark("one", 0)}, ()),
    ],
)
def test_a_log_with_another_name_or_less_than_it_had_is_another_one(now: Marks, found: tuple[str, ...]) -> None:
    assert renewed(BEFORE, now) == found


def test_marks_are_read_as_they_were_written() -> None:
    assert read(written(BEFORE)) == BEFORE

"""Mails of every kind in every language are as somebody has looked at them (`tests/data/mails`)."""

import pytest

from tests.unit.notifier.golden import FOLDER, files, names


@pytest.mark.parametrize("name", names())
def test_a_mail_is_as_it_was_looked_at(name: str) -> None:
    kept = (FOLDER / name).read_text("utf-8")
    assert files()[name].splitlines() == kept.splitlines(), "python -m tests.unit.notifier.golden; then look"


def test_no_mail_is_kept_that_nobody_writes_any_more() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(files()) == set(names())

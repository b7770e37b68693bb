"""Keys in the settings: several, the newest first, and the one of before still counts as it was."""

from pathlib import Path

import pytest

from shared.config import load_settings


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("", ()),
        ("one", ("one",)),
        ("new, old", ("new", "old", "new, old")),  # a single key with a comma, as it was before
        ("new,", ("new", "new,")),
    ],
)
@pytest.mark.parametrize("name", ["secret_key", "hash_key"])
def test_keys_stand_in_a_row_the_newest_first(
    tmp_path: Path, name: str, given: str, read: tuple[str, ...]
) -> None:
    settings = load_settings({f"VIGIE_{name.upper()}": given}, tmp_path)
    assert getattr(settings, name) == read


def test_keys_may_be_a_list_in_the_file_and_are_never_printed(tmp_path: Path) -> None:
    (tmp_path / "vigie.toml").write_text('secret_key = ["new", "old"]\nhash_key = "h"')
    settings = load_settings({}, tmp_path)
    assert (settings.secret_key, settings.hash_key) == (("new", "old"), ("h",))
    assert (settings.redacted()["secret_key"], settings.redacted()["hash_key"]) == ("***", "***")

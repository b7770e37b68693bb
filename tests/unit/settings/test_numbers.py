"""Every setting that is a number is one, wherever it was read."""

from dataclasses import fields

import pytest

from shared.config import Settings, load_settings

NUMBERS = sorted(field.name for field in fields(Settings) if "least" in field.metadata)


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_of_the_environment_is_a_number(name: str) -> None:
    assert getattr(load_settings({f"VIGIE_{name.upper()}": "9"}), name) == 9

"""One test in two sizes: small in every run, full in `make test-long`."""

import pytest


def sizes(small: object, full: object, *, seconds: int = 1800) -> pytest.MarkDecorator:
    """Give a test its `size`. The full one is marked `long` and may take `seconds`."""
    long = (pytest.mark.long, pytest.mark.timeout(seconds))
    return pytest.mark.parametrize(
        "size", [pytest.param(small, id="small"), pytest.param(full, id="full", marks=long)]
    )

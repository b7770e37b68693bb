"""What a process has loaded is not looked through for garbage again; what comes later is."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from shared.memory import keep_loaded


class Knot:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    rooms = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*rooms)


def test_only_what_comes_later_is_looked_through() -> None:
    loaded = Knot()
    keep_loaded()
    assert all(each is not loaded for each in gc.get_objects())
    later = weakref.ref(Knot())
    gc.collect()
    assert later() is None


def test_garbage_of_the_loading_itself_goes_first() -> None:
    made = weakref.ref(Knot())
    keep_loaded()
    assert made() is None

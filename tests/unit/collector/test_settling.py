"""Many polls are published and remembered together, and a sick one among them harms no other."""

from collections.abc import Sequence

import pytest

from services.collector.settling import Settling
from shared.errors import BusUnavailable


class Step:
    """Takes work down; fails as it is told."""

    def __init__(self, sick: int | None = None) -> None:
        self.sick, self.away = sick, False
        self.taken: list[tuple[int, ...]] = []

    def __call__(self, work: Sequence[int]) -> None:
        if self.away:
            raise BusUnavailable("the disk is full")
        if self.sick in work:
            raise ValueError("nobody thought of this")
        self.taken.append(tuple(work))

    @property
    def all(self) -> list[int]:
        return [one for work in self.taken for one in work]


def test_what_waits_goes_through_together_and_no_step_sees_it_before_the_one_ahead() -> None:
    first, second = Step(), Step()
    settling = Settling[int](first, second, most=3)
    settling.add(range(5))
    settling.turn()
    assert first.taken == second.taken == [(0, 1, 2), (3, 4)]
    assert len(settling) == 0


def test_in_a_sick_world_all_waits_and_is_done_once_it_is_well() -> None:
    first, second = Step(), Step()
    second.away = True
    settling = Settling[int](first, second)
    settling.add(range(3))
    for _ in range(2):
        with pytest.raises(BusUnavailable):
            settling.turn()
    assert (first.taken, second.taken, len(settling)) == ([(0, 1, 2)], [], 3)
    second.away = False
    settling.turn()
    assert (first.taken, second.taken) == ([(0, 1, 2)], [(0, 1, 2)])


@pytest.mark.parametrize("sick", range(5))
def test_a_sick_one_is_lost_with_its_error_and_all_others_get_through(sick: int) -> None:
    first, second = Step(sick), Step()
    settling = Settling[int](first, second, most=4)
    settling.add(range(5))
    with pytest.raises(ValueError, match="nobody thought"):
        settling.turn()
    settling.turn()
    assert sorted(second.all) == [one for one in range(5) if one != sick]
    assert len(settling) == 0


def test_a_world_that_turns_sick_while_they_go_singly_loses_none() -> None:
    first, second = Step(sick=1), Step()
    settling = Settling[int](first, second)
    settling.add(range(4))
    with pytest.raises(ValueError, match="nobody thought"):
        settling.turn()
    first.away = True
    with pytest.raises(BusUnavailable):
        settling.turn()
    first.away = False
    settling.turn()
    assert sorted(second.all) == [0, 2, 3]

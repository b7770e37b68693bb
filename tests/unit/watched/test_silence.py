"""Nothing is called watched that was not: outages, faults of the parser, pauses, floods, liars and restores."""

import random
from datetime import timedelta
from pathlib import Path

from tests.silence import START, World, outside
from tests.sizes import sizes

SLACK = timedelta(seconds=5)


@sizes(6, 1000, seconds=7200)
def test_never_covered_across_a_planted_gap_and_rarely_a_gap_that_was_none(
    tmp_path: Path, dice: random.Random, size: int
) -> None:
    planted = lost = found = 0
    false_seconds = whole_seconds = false_gaps = 0.0
    for number in range(size):
        seed = dice.randrange(10**9)
        world = World(tmp_path / str(number), random.Random(seed))
        world.run()
        gaps = world.gaps()
        unproven = list(world.unproven())
        for since, until in unproven:
            seen = [gap for gap in gaps if gap.since <= since + SLACK and gap.until >= until - SLACK]
            assert seen, (number, seed, world.faults, since, until, gaps)
        for at in world.lost():
            assert any(gap.since - SLACK <= at <= gap.until + SLACK for gap in gaps), (number, seed, at, gaps)
        first = world.reads[0] if world.reads else world.end
        last = world.reads[-1] if world.reads else START
        allowed = [*unproven, *world.suffered(), (START, first), (last, world.end)]
        false = [outside(gap, allowed) for gap in gaps]
        planted, lost, found = planted + len(unproven), lost + len(world.lost()), found + len(gaps)
        false_gaps += sum(seconds > 60 for seconds in false)
        false_seconds += sum(false)
        whole_seconds += (world.end - START).total_seconds()
        world.close()
    share = false_seconds / whole_seconds
    print(  # noqa: T201 - the figures
        f"\n{size} runs: {planted} planted gaps, {lost} entries lost, none called covered; {found} gaps said, "
        f"{false_gaps:.0f} of them false, {share:.2%} of the time"
    )
    assert share <= 0.02
    assert false_gaps <= 0.02 * max(found, 50)

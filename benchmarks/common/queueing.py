"""Pure. How long items wait in line, simulated: what an average hides."""

import random
from collections.abc import Iterator, Sequence


def waits(
    arrivals: float, service: float, workers: int, partitions: int, seconds: int, seed: int
) -> Sequence[float]:
    """Seconds that items wait when they come in bursts: each partition is a line of its own, read by one worker.

    Arrivals are Poisson, but a tenth of them come as batches of 20, as a source publishes when it is polled.
    """
    dice = random.Random(seed)
    free = [0.0] * min(workers, partitions)
    waited: list[float] = []
    for at in _arrivals(arrivals, seconds, dice):
        worker = dice.randrange(partitions) % len(free)
        begins = max(at, free[worker])
        free[worker] = begins + dice.expovariate(1 / service)
        waited.append(free[worker] - at)
    return sorted(waited)


def _arrivals(rate: float, seconds: int, dice: random.Random) -> Iterator[float]:
    at, batch, share = 0.0, 20, 0.1
    events = rate / (1 - share + share * batch)
    while (at := at + dice.expovariate(events)) < seconds:
        yield from [at] * (batch if dice.random() < share else 1)

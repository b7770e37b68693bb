"""Fixed ticks: the door to APScheduler, which says when it is time again for what comes round.

It reckons with the time of day. After a clock that was ahead is put right, its next run would lie as far off as
the clock was; so whoever waits for a tick looks after that, by the clock of the product.
"""

from datetime import UTC, timedelta
from threading import Event
from typing import Final

from apscheduler.schedulers.background import BackgroundScheduler

from shared.clock import Clock

JOB: Final = "tick"
FAR: Final = 2  # intervals: a next run further off than so many was put off by a wrong clock


class Ticks:
    """A tick every `seconds`, the first one at once. Ticks that nobody took meanwhile are one."""

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._every, self._clock = timedelta(seconds=seconds), clock
        self._ticked = Event()
        self._ticked.set()
        # misfire_grace_time: by default a job that is a second late is dropped without a word
        self._scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._scheduler.add_job(self._ticked.set, "interval", seconds=seconds, id=JOB)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)

    def taken(self) -> bool:
        """Whether it is time; a tick is taken once."""
        self._put_right()
        due = self._ticked.is_set()
        self._ticked.clear()
        return due

    def _put_right(self) -> None:
        job = self._scheduler.get_job(JOB)
        planned = getattr(job, "next_run_time", None)  # a job has none before the scheduler runs
        if planned is not None and planned - self._clock.now() > FAR * self._every:
            job.modify(next_run_time=self._clock.now())

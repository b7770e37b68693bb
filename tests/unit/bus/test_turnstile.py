"""One suspect alone, or many batches together."""

from threading import Event, Thread

from shared.bus.turnstile import Turnstile

SOON = 30.0  # seconds for what must happen, on any machine
NOT_YET = 0.1  # seconds in which something must not happen


def test_batches_run_together() -> None:
    turnstile = Turnstile()
    with turnstile.together(), turnstile.together():
        pass


def test_a_suspect_waits_for_batches_and_new_batches_wait_for_it() -> None:
    turnstile = Turnstile()
    alone, leave, later = Event(), Event(), Event()

    def suspect() -> None:
        with turnstile.alone():
            alone.set()
            leave.wait(SOON)

    def batch() -> None:
        with turnstile.together():
            later.set()

    first, second = Thread(target=suspect), Thread(target=batch)
    with turnstile.together():
        first.start()
        assert not alone.wait(NOT_YET)
    assert alone.wait(SOON)
    second.start()
    assert not later.wait(NOT_YET)
    leave.set()
    assert later.wait(SOON)
    first.join()
    second.join()


def test_suspects_go_one_after_the_other() -> None:
    turnstile = Turnstile()
    inside: list[int] = []
    most: list[int] = []

    def suspect() -> None:
        for _ in range(200):
            with turnstile.alone():
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [Thread(target=suspect) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1

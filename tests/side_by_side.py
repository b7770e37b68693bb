"""Tests side by side: one process collects, and those that run them are forked from it; for `tests/conftest.py`.

With `--processes N` (or `auto`) the tests are collected once, not once in each process, and whoever runs them
begins with all imports done. A process asks for a file, runs it whole and sends what its tests gave;
`tests/lanes.py` says who takes which. One that dies fails the test it ran, and another takes the rest of the file.
"""

import atexit
import os
import signal
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Final, NoReturn

import pytest

from tests.lanes import BESIDE, chosen, processes_for_all
from tests.once import RUN

OPTION: Final = "--processes"
GOODBYE: Final = 30.0  # seconds for what a process has to take away when the run ends early


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(OPTION, default="0", metavar="N", help="run the tests in N processes, or auto")


def wanted(config: pytest.Config) -> int:
    """How many processes run the tests; 0: this one does."""
    said = config.getoption(OPTION)
    return processes_for_all() if said == "auto" else int(said)


@dataclass(frozen=True)
class Ran:
    """What a process says: reports of the test that it ran, as pytest serializes them, or what it does next."""

    reports: Sequence[dict[str, Any]] = ()
    begins: str | None = None  # a test's node id
    asks: bool = False  # for a file
    broken: str | None = None  # an error that is no test's


@dataclass
class Hand:
    """A process that runs tests, as the one that collected sees it."""

    number: int
    pid: int
    line: Connection
    left: list[int] = field(default_factory=list)  # of its file, by their places in the session
    runs: str | None = None


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Hand the files out. None where this process shall run the tests itself."""
    number = wanted(session.config)
    if not number or session.testsfailed or session.config.option.collectonly:
        return None
    Run(session).go(number)
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    if session.shouldstop:
        raise session.Interrupted(session.shouldstop)
    return True


class Run:
    """The tests of a session, handed out."""

    def __init__(self, session: pytest.Session) -> None:
        self._session = session
        self._files: dict[str, list[int]] = {}
        for place, item in enumerate(session.items):
            self._files.setdefault(item.nodeid.partition("::")[0], []).append(place)
        self._hands: list[Hand] = []

    def go(self, number: int) -> None:
        try:
            for each in range(min(number, len(self._files))):
                self._hands.append(self._forked(each))
            while self._hands:
                self._listen()
                if self._session.shouldfail or self._session.shouldstop:
                    return
        finally:
            for hand in self._hands:
                _end(hand)

    def _listen(self) -> None:
        for line in wait([hand.line for hand in self._hands]):
            hand = next(hand for hand in self._hands if hand.line is line)
            said = _heard(hand.line)
            if said is None:
                self._gone(hand)
            else:
                self._note(hand, said)

    def _note(self, hand: Hand, said: Ran) -> None:
        if said.broken:
            raise RuntimeError(f"a process that runs tests broke:\n{said.broken}")
        if said.reports:
            del hand.left[:1]
            hand.runs = None
            self._report(map(self._report_of, said.reports))
        if said.begins:
            hand.runs = said.begins
        if said.asks:
            places = self._next(hand)
            hand.left += places
            with suppress(BrokenPipeError):  # it died, and we are about to hear so
                hand.line.send(places)

    def _report_of(self, data: dict[str, Any]) -> pytest.TestReport:
        config = self._session.config
        report: pytest.TestReport = config.hook.pytest_report_from_serializable(config=config, data=data)
        return report

    def _report(self, reports: Iterable[pytest.TestReport]) -> None:
        hook = self._session.config.hook
        for report in reports:
            hook.pytest_runtest_logreport(report=report)
        hook.pytest_runtest_logfinish(nodeid=report.nodeid, location=report.location)

    def _next(self, hand: Hand) -> list[int]:
        """The tests of the file that it takes; none when all are taken."""
        if not self._files:
            return []
        return self._files.pop(chosen(self._files, works=hand.number >= BESIDE))

    def _gone(self, hand: Hand) -> None:
        """It ended: as it should, or with a test that did not."""
        self._hands.remove(hand)
        hand.line.close()
        code = os.waitstatus_to_exitcode(os.waitpid(hand.pid, 0)[1])
        if not hand.left:
            assert code == 0, f"a process that runs tests ended with {code} after the last"
            return
        item = self._session.items[hand.left.pop(0)]
        self._report([_died(item, f"the process that ran it ended with {code}")])
        if hand.left:
            self._files[item.nodeid.partition("::")[0]] = hand.left
        if self._files:
            self._hands.append(self._forked(hand.number))

    def _forked(self, number: int) -> Hand:
        ours, theirs = Pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            for line in (ours, *(hand.line for hand in self._hands)):
                line.close()
            _work(self._session, number, theirs)
        theirs.close()
        return Hand(number, pid, ours)


def _heard(line: Connection) -> Ran | None:
    """What comes next; None when the process has ended."""
    try:
        said: Ran = line.recv()
    except (EOFError, ConnectionResetError):
        return None
    return said


def _died(item: pytest.Item, why: str) -> pytest.TestReport:
    return pytest.TestReport(item.nodeid, item.location, dict.fromkeys(item.keywords, 1), "failed", why, "call")


def _end(hand: Hand) -> None:
    """Ask it to end, and wait until it has."""
    hand.line.close()
    with suppress(ProcessLookupError):
        os.kill(hand.pid, signal.SIGINT)
    end = os.pidfd_open(hand.pid)
    if not wait([end], GOODBYE):
        os.kill(hand.pid, signal.SIGKILL)
    os.close(end)
    os.waitpid(hand.pid, 0)


def _work(session: pytest.Session, number: int, line: Connection) -> NoReturn:
    """Be a process that runs tests, to its end."""
    atexit._clear()  # what is registered is the parent's
    code = 0
    try:
        with _on_its_own(session.config, number):
            Worker(session, line).go()
    except (KeyboardInterrupt, ConnectionError):
        code = 1  # the run has ended
    except BaseException:  # noqa: BLE001 - said by the parent
        code = 1
        with suppress(OSError):
            line.send(Ran(broken=traceback.format_exc()))
    finally:
        atexit._run_exitfuncs()
        os._exit(code)


@contextmanager
def _on_its_own(config: pytest.Config, number: int) -> Iterator[None]:
    """Files, captured output and terminal are not shared with the parent."""
    capture = config.pluginmanager.getplugin("capturemanager")
    assert capture is not None
    capture.stop_global_capturing()
    capture.start_global_capturing()
    with Path(os.devnull).open("w") as nowhere:
        config.get_terminal_writer()._file = nowhere
        factory: Any = config._tmp_path_factory  # type: ignore[attr-defined]
        factory._given_basetemp, factory._basetemp = config.stash[RUN] / f"tests-{number}-{os.getpid()}", None
        yield


class Worker:
    """Runs tests and says what they gave."""

    def __init__(self, session: pytest.Session, line: Connection) -> None:
        self._session, self._line = session, line
        self._reports: list[dict[str, Any]] = []
        session.config.pluginmanager.register(self)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        config = self._session.config
        self._reports.append(config.hook.pytest_report_to_serializable(config=config, report=report))

    def go(self) -> None:
        """File after file. What follows the last test of one is known before that runs: it says what stays."""
        try:
            items = self._ask()
            while items:
                following: Sequence[pytest.Item] = ()
                for place, item in enumerate(items):
                    if place == len(items) - 1:
                        following = self._ask()
                    self._run(item, next(iter((*items[place + 1 :], *following)), None))
                items = following
        finally:
            self._session._setupstate.teardown_exact(None)  # nothing is left unless the run ended early

    def _ask(self) -> Sequence[pytest.Item]:
        self._line.send(Ran(asks=True))
        return [self._session.items[place] for place in self._line.recv()]

    def _run(self, item: pytest.Item, following: pytest.Item | None) -> None:
        self._line.send(Ran(begins=item.nodeid))
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        self._line.send(Ran(self._reports))
        self._reports = []

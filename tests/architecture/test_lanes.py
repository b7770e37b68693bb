"""Side by side, a process for each core works while others wait with what waits; each helps the other then."""

from pathlib import Path

from tests.lanes import WAITING, chosen
from tests.rewritten import share

ROOT = Path(__file__).parents[2]
LONG, SHORT = "tests/pipeline/test_faults.py", "tests/pipeline/test_kill.py"
WORK, MORE_WORK = "tests/unit/query/test_syntax.py", "tests/contract/test_archive.py"


def test_what_waits_longest_is_what_a_process_that_waits_begins_with() -> None:
    assert chosen([WORK, SHORT, LONG], works=False) == LONG
    assert chosen([WORK, SHORT], works=False) == SHORT


def test_a_process_that_works_takes_what_works_in_its_order() -> None:
    assert chosen([SHORT, MORE_WORK, LONG, WORK], works=True) == MORE_WORK


def test_whoever_has_finished_with_his_kind_helps_with_the_other() -> None:
    assert chosen([SHORT, LONG], works=True) == LONG
    assert chosen([MORE_WORK, WORK], works=False) == MORE_WORK


def test_what_is_said_to_wait_is_there() -> None:
    assert [name for name in WAITING if not (ROOT / name).exists()] == []


def test_every_file_is_compiled_by_one_process() -> None:
    files = [Path(f"test_{name}.py") for name in "abcdefg"]
    shares = [share(files, worker, 3) for worker in range(3)]
    assert sorted(file for each in shares for file in each) == files
    assert {len(each) for each in shares} == {2, 3}

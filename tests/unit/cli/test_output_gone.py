"""Where a command's answer has nowhere to go: said in one line, or nothing where nobody listens."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli.said import Vigie

SMALL, LARGE = ("config", "show"), ("parse", "feed.xml", "--json")  # written at the end, and before
FULL = Path("/dev/full")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    items = "".join(f"<item><title>Meldung {n}</title></item>" for n in range(900))
    (tmp_path / "feed.xml").write_text(f"<rss version='2.0'><channel>{items}</channel></rss>", "utf-8")
    return tmp_path


def shell(folder: Path, command: str) -> tuple[int, str]:
    """Exit code and standard error of a line of shell, `vigie` being this one."""
    vigie = f"{sys.executable} -m services.cli"
    line = f"set -o pipefail; {command.replace('vigie', vigie, 1)}"
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[3]), "HOME": str(folder)}
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("words", [SMALL, LARGE], ids=" ".join)
def test_a_full_disk_is_said_in_one_line(folder: Path, words: tuple[str, ...]) -> None:
    assert shell(folder, f"vigie {' '.join(words)} > /dev/full") == (
        3,
        f"vigie {words[0]}: No space left on device\n",
    )


@pytest.mark.parametrize("end", ["| head -n 1 > /dev/null", ">&-"])
def test_a_reader_that_went_is_no_error(folder: Path, end: str) -> None:
    assert shell(folder, f"vigie {' '.join(LARGE)} {end}") == (0, "")


def test_a_file_about_an_export_that_cannot_be_written_is_said_before_the_export(vigie: Vigie) -> None:
    assert vigie("search", "--format", "csv", "--about", "nowhere/about.json", "") == (
        2,
        "",
        "vigie search: nowhere/about.json cannot be written: name a file in a folder that is there\n",
    )

"""`vigie completion`: what the shell offers is what the commands take."""

import shutil
import subprocess

import pytest

from services.cli import COMMANDS
from tests.unit.cli.said import Vigie

ASK = """
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
_vigie
printf '%s\\n' "${COMPREPLY[@]}"
"""


def offered(script: str, *words: str) -> set[str]:
    """What bash would offer for the last of `words`."""
    bash = shutil.which("bash")
    assert bash, "bash is needed"
    asked = [bash, "--norc", "-c", script + ASK, "bash", *words]
    return set(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize(
    ("line", "some"),
    [
        ("vigie se", {"search"}),
        ("vigie --", {"--help", "--version"}),
        ("vigie search --fo", {"--format"}),
        ("vigie search --format nd", {"ndjson"}),
        ("vigie search KI --lim", {"--limit"}),
        ("vigie search --limit ", set()),
        ("vigie sources pr", {"probe"}),
        ("vigie sources list --state f", {"failing", "forbidden"}),
        ("vigie classifier corr", {"correct", "corrections"}),
        ("vigie classify --json", {"--json", "--jsonl"}),
        ("vigie people add --every w", {"weekly"}),
        ("vigie import ", set()),
        ("vigie completion ", {"bash", "zsh"}),
    ],
)
def test_the_shell_offers_what_the_command_takes(vigie: Vigie, line: str, some: set[str]) -> None:
    code, script, err = vigie("completion", "bash")
    assert (code, err) == (0, "")
    assert offered(script, *line.split(" ")) == some


def test_every_command_is_offered_and_zsh_gets_the_same_behind_its_layer(vigie: Vigie) -> None:
    script = vigie("completion", "bash")[1]
    assert offered(script, "vigie", "") == set(COMMANDS)
    assert vigie("completion", "zsh")[1].endswith(script)

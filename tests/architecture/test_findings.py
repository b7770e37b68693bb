"""Every finding has the form that CONTRIBUTING gives it."""

import os
import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.rules import ROOT

FINDINGS: Final = sorted((ROOT / "findings").glob("*.sh"))
OURS: Final = re.compile(r"\b(from|import) (shared|services)\b|\bvigie\b", re.IGNORECASE)


@pytest.mark.parametrize("script", FINDINGS, ids=lambda script: script.stem)
def test_a_finding_says_what_was_expected_and_seen_and_needs_nothing_of_ours(script: Path) -> None:
    text = script.read_text("utf-8")
    first, what, *head = text.partition("\nset -euo pipefail")[0].partition("\n. ")[0].splitlines()
    assert first == "#!/usr/bin/env bash"
    assert re.match(r"# .*\d+\.\d+.*: .+", what), "software, version, what it does"
    assert {line.split(maxsplit=2)[1] for line in head if re.match(r"# [A-Z]\w+:", line)} >= {"Expected:", "Seen:"}
    assert os.access(script, os.X_OK)
    assert not OURS.search(text)
    subprocess.run(["bash", "-n", script], check=True)


@pytest.mark.parametrize("script", FINDINGS, ids=lambda script: script.stem)
def test_what_a_finding_installs_is_pinned_and_goes_at_the_end(script: Path) -> None:
    shared = (
        ROOT / "findings" / found[1]
        for found in re.finditer(r'^\. "\$\(dirname "\$0"\)/(.+)"$', script.read_text(), re.M)
    )
    text = "\n".join([script.read_text("utf-8"), *(path.read_text("utf-8") for path in shared)])
    installed = re.findall(r"install (.+)$", text, re.MULTILINE)
    assert [words for words in installed if not re.search(r"(==|@|=)\S*[\d$]", words)] == []
    if installed:
        assert "mktemp -d" in text
        assert re.search(r"^trap .* EXIT$", text, re.MULTILINE)
        assert "rm -rf" in text

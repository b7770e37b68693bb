"""Tables of commands: what stands in them can be typed again, and columns that need it have a head."""

import subprocess
import sys

import pytest

from tests.unit.cli.said import Vigie

LONG = "zentrum-fuer-nachhaltige-energie-und-netze"


@pytest.fixture
def catalogue() -> str:
    return f'[[source]]\nid = "{LONG}"\nkind = "feed"\nurl = "https://example.org/feed.xml"\n'


def test_the_id_of_a_source_is_never_cut(vigie: Vigie) -> None:
    listed = vigie("sources", "list")[1].splitlines()
    assert listed[0].split() == [LONG, "feed", "new", "never", "never", "0"]
    assert f"  {LONG}  " in vigie("watched", "--since", "1d")[1]


def test_the_list_of_sources_says_to_people_what_its_columns_are(
    vigie: Vigie, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    head, source = vigie("sources", "list")[1].splitlines()
    assert source.startswith(LONG)
    assert head.split("  ")[0] == "source"
    assert "last success" in head
    assert "last new item" in head
    assert vigie("sources", "list", "--state", "gone") == (0, "", "")


def test_listing_sources_does_not_load_the_collector(vigie: Vigie) -> None:
    vigie("sources", "list")  # in this folder, which the next process shares
    listed = "import sys; from services.cli import main; main(['sources', 'list'])"
    code = f"{listed}; print('services.collector.app' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout.split()[0], done.stdout.split()[-1]) == (LONG, "False")

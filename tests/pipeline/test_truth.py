"""What the product says of itself while publishers and the relay are away: it serves, and it is red."""

from pathlib import Path

import pytest

from tests.pipeline.feeds import Entry, now, rss
from tests.pipeline.harness import Vigie, free_port, wait_until
from tests.pipeline.readiness import SOON, is_ready
from tests.servers import FeedServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def found(vigie: Vigie) -> set[tuple[str, str]]:
    return {(finding["weight"], finding["id"]) for finding in vigie.status()["findings"]}


def test_it_runs_and_serves_without_publishers_and_relay_and_says_so(tmp_path: Path) -> None:
    nobody = free_port()
    with (
        FeedServer() as site,
        Vigie(
            tmp_path,
            VIGIE_SMTP_URL=f"smtp://127.0.0.1:{nobody}",
            VIGIE_PUBLIC_URL="https://vigie.example.org",
            VIGIE_CONTACT="vigie@example.org",
            VIGIE_MAIL_FROM="vigie@example.org",
        ) as vigie,
    ):
        away = [(name, f"http://127.0.0.1:{nobody}/{name}.xml") for name in "bc"]
        vigie.sources(("a", site.url("/a.xml")), *away, interval=1)
        vigie.start()
        wait_until(lambda: "Vigie runs: https://vigie.example.org" in vigie.log.read_text(), SOON, "its address")
        wait_until(lambda: ("red", "sources.silent") in found(vigie), SOON, "no source answers")
        assert is_ready(vigie)
        assert not vigie.status()["ok"]

        site.serve("/a.xml", rss([Entry("eins", "Netz", "Ein Text über das Netz.", now())]))
        wait_until(lambda: found(vigie) == {("warning", "source.sick")}, SOON, "sick sources alone")
        assert "nothing is red" in vigie.command("status")  # exit code 0

        vigie.command("people", "add", "leser@example.org", "--query", "", "--every", "instant")
        wait_until(lambda: ("red", "stage.red") in found(vigie), SOON, "the relay that is away")
        assert "VIGIE_SMTP_URL" in vigie.output("doctor")
        assert is_ready(vigie)

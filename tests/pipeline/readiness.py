"""How the product says that it is red: readiness, status, doctor; and feeds to show that it works."""

import json
import urllib.error
import urllib.request
from typing import Any

from tests.pipeline.feeds import Entry, now, rss
from tests.pipeline.harness import Vigie, wait_until
from tests.servers import FeedServer

SOON = 60.0  # seconds for what follows a cause, or its end, on a busy machine


def readiness(vigie: Vigie) -> tuple[int, dict[str, Any]]:
    """Status and body of /readyz; (0, {}) when nothing answers."""
    try:
        with urllib.request.urlopen(f"{vigie.url}/readyz", timeout=20) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())
    except OSError:
        return 0, {}


def is_ready(vigie: Vigie) -> bool:
    return readiness(vigie)[0] == 200


def wait_for_green(vigie: Vigie) -> None:
    """Ready, every stage alive and nothing red. Nobody restarted anything."""
    wait_until(lambda: is_ready(vigie), SOON, "readiness")
    wait_until(lambda: not reds(vigie), SOON, "every stage alive and none red")
    assert vigie.only.poll() is None


def reds(vigie: Vigie) -> list[str]:
    """What `vigie status` calls red."""
    status = vigie.status()
    stages = [
        f"{name}: {stage['error'] or 'does not run'}"
        for name, stage in status["stages"].items()
        if stage["error"] or not stage["alive"]
    ]
    return [*stages, *status["trouble"], *([status["error"]] if "error" in status else [])]


def wait_for_red(vigie: Vigie, part: str, *words: str) -> None:
    """Not ready because of `part`, and `vigie status` and `vigie doctor` use all these words."""
    wait_until(lambda: readiness(vigie)[1].get(part, "ok") != "ok", SOON, f"readiness red for {part}")
    wait_until(lambda: said(" ".join(reds(vigie)), words), SOON, f"a status with {words}")
    findings = json.loads(vigie.command("doctor", "--json", check=False))["checks"]
    finding = next(finding for finding in findings if finding["name"] == part)
    assert not finding["ok"]
    assert said(finding["said"], words), finding["said"]


def said(text: str, words: tuple[str, ...]) -> bool:
    return all(word in text for word in words)


class Press:
    """A feed that a test adds to, and what of it must be in the archive."""

    def __init__(self, site: FeedServer, vigie: Vigie) -> None:
        self._site, self._vigie = site, vigie
        self._entries: list[Entry] = []
        self.publish()
        vigie.sources(("haus", site.url("/feed.xml")), interval=1)

    def publish(self, *titles: str) -> None:
        self._entries += [Entry(title, title, f"Ein Text über {title}.", now()) for title in titles]
        self._site.serve("/feed.xml", rss(self._entries))

    def wait_until_archived(self) -> None:
        """Every entry that was ever published, each once."""
        wanted = sorted(entry.title for entry in self._entries)
        wait_until(lambda: self._vigie.titles() == wanted, SOON, f"{wanted} in the archive")

"""A disk that fills up: said with place and cure, red, nothing lost, and work again when there is room."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.disk import LEAST
from tests.pipeline.harness import Vigie, wait_until
from tests.pipeline.readiness import SOON, Press, readiness, reds, wait_for_green, wait_for_red
from tests.servers import FeedServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SIZE = 64 << 20  # bytes


class SmallDisk:
    """A file system in memory of the test's own, which can be filled to the last byte."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, leave: int = 0) -> None:
        """Fill it until only `leave` bytes are free."""
        with self._ballast.open("wb", buffering=0) as ballast:
            try:
                while (free := shutil.disk_usage(self.folder).free) > leave:
                    ballast.write(b"\0" * min(1 << 20, free - leave))
            except OSError:  # full to the last byte
                pass

    def free(self) -> None:
        self._ballast.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", f"size={SIZE}", "vigie-test", folder)
    if shutil.which("mount") is None or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine does not let us mount a small disk; tests/unit holds each part to a full one")
    yield SmallDisk(folder)
    subprocess.run(("umount", "--lazy", folder), check=True)


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with FeedServer() as site:
        yield site


@pytest.fixture
def vigie(tmp_path: Path, disk: SmallDisk) -> Iterator[Vigie]:
    """Its log stays outside of its data folder, as with systemd or a container."""
    with Vigie(tmp_path, VIGIE_DATA_DIR=str(disk.folder / "data")) as vigie:
        yield vigie


def test_a_disk_that_fills_while_vigie_runs_is_red_and_loses_nothing(
    vigie: Vigie, disk: SmallDisk, site: FeedServer
) -> None:
    press = Press(site, vigie)
    press.publish("Leuchtturm", "Brücke")
    vigie.start()
    vigie.command("people", "add", "leser@example.org", "--query", "Hafen", "--every", "instant", "--confirmed")
    press.wait_until_archived()
    wait_for_green(vigie)
    disk.fill()
    press.publish(*(f"Hafen {number}" for number in range(30)))
    wait_for_red(vigie, "bus", "the disk is full", str(disk.folder), "VIGIE_DATA_DIR")
    wait_for_red(vigie, "database", "the disk is full", str(disk.folder), "VIGIE_DATA_DIR")
    assert "VIGIE_DATA_DIR" in readiness(vigie)[1]["database"]
    wait_until(lambda: "takes nothing" in vigie.log.read_text("utf-8"), SOON, "a write that was really refused")
    disk.free()
    wait_for_green(vigie)
    press.wait_until_archived()
    mails = disk.folder / "data" / "mail"
    wait_until(
        lambda: vigie.status()["deliveries"]["sent"] == len(list(mails.glob("*.eml"))) > 0, SOON, "the mails"
    )
    assert (vigie.status()["deliveries"]["failed"], vigie.status()["deliveries"]["held"]) == (0, 0)


def test_a_disk_that_is_full_at_the_start_is_waited_for(vigie: Vigie, disk: SmallDisk, site: FeedServer) -> None:
    press = Press(site, vigie)
    press.publish("Leuchtturm", "Brücke")
    vigie.command("migrate")
    disk.fill()
    vigie.start()
    wait_until(lambda: "the disk is full" in vigie.log.read_text("utf-8"), SOON, "the cause in the log")
    assert readiness(vigie)[0] != 200
    assert "the disk is full" in " ".join(reds(vigie))
    assert vigie.only.poll() is None
    disk.free()
    wait_for_green(vigie)
    press.wait_until_archived()


def test_a_disk_that_is_nearly_full_is_red_before_anything_fails(
    vigie: Vigie, disk: SmallDisk, site: FeedServer
) -> None:
    press = Press(site, vigie)
    vigie.start()
    wait_for_green(vigie)
    disk.fill(leave=LEAST // 2)
    press.publish("Leuchtturm")
    wait_for_red(vigie, "bus", "the disk is full", "VIGIE_DATA_DIR")
    press.wait_until_archived()
    disk.free()
    wait_for_green(vigie)

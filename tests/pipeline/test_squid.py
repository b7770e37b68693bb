"""The whole product behind Squid, the proxy of most closed networks, with a password and its own names."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.certificates import an_authority
from tests.pipeline.harness import free_port, wait_until
from tests.servers import FeedServer

pytestmark = [pytest.mark.long, pytest.mark.timeout(120)]

NAME = "leuchtturm.example"
FEED = """<rss version="2.0"><channel><title>Leuchtturm</title><item><title>KI im Netz</title>
<link>http://leuchtturm.example/a</link></item></channel></rss>"""
CONFIGURATION = """
http_port 127.0.0.1:{port}
hosts_file {folder}/hosts
auth_param basic program /usr/lib/squid/basic_ncsa_auth {folder}/users
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
cache deny all
access_log stdio:{folder}/access.log
cache_log {folder}/cache.log
pid_filename {folder}/squid.pid
coredump_dir {folder}
shutdown_lifetime 0 seconds
"""


@pytest.fixture
def squid(tmp_path: Path) -> Iterator[int]:
    """Its port. The process is a child of the test and ends with it."""
    if shutil.which("squid") is None or shutil.which("openssl") is None:
        pytest.skip("squid is not installed: apt-get install squid")
    port = free_port()
    password = subprocess.check_output(["openssl", "passwd", "-apr1", "ge/heim"], text=True)
    (tmp_path / "users").write_text(f"vigie:{password}", "ascii")
    (tmp_path / "hosts").write_text(f"127.0.0.1 {NAME}\n", "ascii")
    (tmp_path / "squid.conf").write_text(CONFIGURATION.format(port=port, folder=tmp_path), "ascii")
    for path in (tmp_path, *tmp_path.iterdir()):
        path.chmod(0o777)  # it gives up being root
    for parent in tmp_path.parents[:3]:
        parent.chmod(parent.stat().st_mode | 0o011)
    process = subprocess.Popen(["squid", "-N", "-f", str(tmp_path / "squid.conf")], stderr=subprocess.DEVNULL)
    log = tmp_path / "cache.log"
    try:
        wait_until(lambda: log.exists() and "Accepting HTTP Socket connections" in log.read_text(), 30, "squid")
        yield port
    finally:
        process.terminate()
        process.wait(30)


def probed(url: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("VIGIE_")}
    command = [sys.executable, "-m", "services.cli", "sources", "probe", url]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environ | settings)


def test_feeds_come_through_squid_over_http_and_tls(squid: int, tmp_path: Path) -> None:
    house, proxy = an_authority(tmp_path), f"http://vigie:ge%2Fheim@127.0.0.1:{squid}"
    with FeedServer() as plain, FeedServer() as secure:
        plain.serve("/feed.xml", FEED)
        secure.serve("/feed.xml", FEED)
        secure.wrap(house.server(NAME))
        ports = {"http": plain.url(), "https": secure.url()}
        for scheme, at in ports.items():
            port = at.rsplit(":", 1)[1].strip("/")
            url = f"{scheme}://{NAME}:{port}/feed.xml"
            done = probed(url, VIGIE_PROXY_URL=proxy, VIGIE_CA_FILE=str(house.file))
            assert done.returncode == 0, done.stdout + done.stderr
            assert "Leuchtturm" in done.stdout
            refused = probed(url, VIGIE_PROXY_URL=f"http://vigie:falsch@127.0.0.1:{squid}")
            assert refused.returncode == 1
            assert "407" in refused.stdout
            assert "VIGIE_PROXY_URL" in refused.stdout
    log = (tmp_path / "access.log").read_text()
    assert f"GET http://{NAME}:" in log
    assert f"CONNECT {NAME}:" in log
    asked = len(log.splitlines())
    for private in ("http://127.0.0.1:1/", "http://169.254.169.254/", "http://intranet/"):
        assert "not public" in probed(private, VIGIE_PROXY_URL=proxy).stdout
    assert len((tmp_path / "access.log").read_text().splitlines()) == asked

"""A client that a generator makes of the description works, and knows an error from an answer."""

import json
import subprocess
import sys
from pathlib import Path

from services.portal.app import build
from tests.unit.portal.site import Portal

READS = """
import json, sys
from client import Client
from client.api.items import list_items, one_item
from client.api.organisations import all_organisations

portal = Client(base_url=sys.argv[1])
items = list_items.sync(client=portal, q="Netz", limit=5)
broken = list_items.sync_detailed(client=portal, q="theme:(")
print(json.dumps({
    "titles": [item.title for item in items.items],
    "first_seen": items.items[0].first_seen.isoformat(),
    "reason": one_item.sync("netz", client=portal).reasons[0].passage,
    "organisation": all_organisations.sync(client=portal).organisations[0].name,
    "status": broken.status_code, "detail": broken.parsed.detail, "position": broken.parsed.position,
}))
"""


def test_a_generated_client_reads_items_times_and_errors(portal: Portal, tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text(portal.get("/api/openapi.json").text, "utf-8")
    (tmp_path / "settings.yaml").write_text("post_hooks: []\n", "ascii")  # they would format what nobody reads
    make = [sys.executable, "-m", "openapi_python_client", "generate", "--path", "openapi.json", "--meta", "none"]
    make += ["--output-path", "client", "--config", "settings.yaml", "--fail-on-warning"]
    made = subprocess.run(make, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert made.returncode == 0, made.stdout + made.stderr
    service = build(portal.settings, portal.store, portal.bus, portal.clock)
    service.start()
    try:
        read = [sys.executable, "-c", READS, "http://{}:{}".format(*service.address)]
        done = subprocess.run(read, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    finally:
        service.stop(10)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "titles": ["KI steuert das Netz"],
        "first_seen": "2026-03-02T09:00:00+00:00",
        "reason": "das Netz",
        "organisation": "DFKI",
        "status": 400,
        "detail": "this field has no value",
        "position": 6,
    }

"""Events as programs of others read them, and as we read those that were written before."""

import json
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from shared.bus import Message, Record
from shared.events import TYPES, decode, encode, schema_of
from shared.items import CollectedItem, Purpose
from tests.architecture.test_docs import EXAMPLES, ITEM, NOW

READER = Path(__file__).parents[1] / "data" / "cloudevents"


def events() -> list[str]:
    written = [encode(data, purpose=Purpose.LIVE, stage="test", now=NOW) for data in EXAMPLES.values()]
    return [message.value.decode() for message in written]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A command: the CloudEvents SDK of JavaScript, at the version of the lock file."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("npm and node, which run the CloudEvents SDK, are not here: apt install npm")
    folder = tmp_path_factory.mktemp("cloudevents")
    shutil.copytree(READER, folder, dirs_exist_ok=True)
    install = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(install, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        pytest.skip(f"the CloudEvents SDK cannot be installed: {done.stderr.strip()[-200:]}")
    return [node, str(folder / "read.mjs")]


def test_the_sdk_of_javascript_takes_every_event_as_it_is(reader: list[str]) -> None:
    done = subprocess.run(
        reader, input="\n".join(events()), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    read = [json.loads(line) for line in done.stdout.splitlines()]
    sent = [json.loads(event) for event in events()]
    assert read == [{name: event[name] for name in ("id", "type", "dataschema", "data")} for event in sent]


@pytest.mark.parametrize("kind", TYPES.values())
def test_a_schema_has_an_absolute_name_and_nothing_in_it_leads_elsewhere(kind: str) -> None:
    name = urlsplit(schema_of(kind)["$id"])
    assert (name.scheme, bool(name.netloc), name.fragment) == ("https", True, "")
    assert {event["dataschema"] for event in map(json.loads, events()) if event["type"] == kind} == {name.geturl()}
    assert '"$ref": "#/' in json.dumps(schema_of(kind)) or kind == TYPES[CollectedItem]


@pytest.mark.parametrize("named", ["/docs/events/org.vigie.item.collected.v1.json", None])
def test_an_event_of_before_is_read_whatever_it_called_its_schema(named: str | None) -> None:
    """Logs keep events for weeks: those with a relative name, or without, are still there after an update."""
    sent = encode(ITEM, purpose=Purpose.LIVE, stage="test", now=NOW)
    event = {**json.loads(sent.value), "dataschema": named}
    if named is None:
        del event["dataschema"]
    message = Message(sent.key, json.dumps(event).encode(), sent.headers)
    assert decode(Record("items.collected", 0, 0, NOW, message), CollectedItem) == (ITEM, Purpose.LIVE)

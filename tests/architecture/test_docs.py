"""What the documentation promises is what the code has."""

import importlib.util
import json
import re
from datetime import UTC, datetime
from types import ModuleType
from typing import Final

import pytest
from jsonschema import Draft202012Validator

from services.cli import COMMANDS
from shared.bus import DEAD, TOPICS
from shared.events import TYPES, encode
from shared.items import ArchivedItem, ClassifiedItem, CollectedItem, Model, Purpose, Verdict
from shared.telemetry.finding import KINDS
from tests.architecture.rules import ROOT

README: Final = (ROOT / "README.md").read_text("utf-8")
NOW: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_event_documents_are_current(generate: ModuleType) -> None:
    for path, content in generate.documents().items():
        assert (ROOT / path).read_text("utf-8") == content, f"{path} is old: python docs/generate.py"


def test_every_finding_is_explained() -> None:
    troubles = (ROOT / "docs" / "troubles.md").read_text("utf-8")
    assert [kind for kind in KINDS if f"`{kind}`" not in troubles] == []


def test_every_long_test_says_what_it_holds() -> None:
    said = (ROOT / "docs" / "long-tests.md").read_text("utf-8")
    marked = re.compile(r"^@sizes\(|\bpytest\.mark\.long\b", re.M)
    files = [path for path in (ROOT / "tests").rglob("test_*.py") if marked.search(path.read_text("utf-8"))]
    assert len(files) > 20
    assert [str(path) for path in files if f"`{path.relative_to(ROOT)}`" not in said] == []


def test_every_setting_stands_in_the_readme_with_its_default(generate: ModuleType) -> None:
    assert generate.settings_table() in README, "the table is old: python docs/generate.py"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_stands_in_the_readme(command: str) -> None:
    assert f"vigie {command}" in README


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_and_its_dead_letters_stand_in_the_event_documents(topic: str) -> None:
    document = (ROOT / "docs/events/asyncapi.yaml").read_text("utf-8")
    assert f'address: "{topic}"\n' in document
    assert f'address: "{topic}{DEAD}"\n' in document


@pytest.mark.parametrize("kind", TYPES)
def test_what_is_sent_fits_its_schema(kind: type[Model]) -> None:
    schema = json.loads((ROOT / f"docs/events/{TYPES[kind]}.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    message = encode(EXAMPLES[kind], purpose=Purpose.LIVE, stage="test", now=NOW)
    envelope = json.loads(message.value)
    Draft202012Validator(schema).validate(envelope["data"])
    assert envelope["dataschema"] == schema["$id"]


ITEM: Final = CollectedItem(item_id="a1", source="leuchtturm", title="Titel", fetched_at=NOW, content_hash="c1")
VERDICT: Final = Verdict(
    language="de",
    scores={"energy": 0.8},
    themes=("energy",),
    sovereignty=0.1,
    franco_german=False,
    organisations=(),
    reasons=(),
    model="lexicon-1",
)
EXAMPLES: Final[dict[type[Model], Model]] = {
    CollectedItem: ITEM,
    ClassifiedItem: ClassifiedItem(item=ITEM, verdict=VERDICT, classified_at=NOW),
    ArchivedItem: ArchivedItem(
        item_id="a1",
        revision=1,
        story="a1",
        sources=("leuchtturm",),
        url=None,
        title="Titel",
        summary="",
        text="",
        published=None,
        first_seen=NOW,
        verdict=VERDICT,
    ),
}

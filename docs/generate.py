"""Writes the parts of the documentation that come from the code: event schemas, AsyncAPI, the README's settings.

python docs/generate.py    a test fails when what stands in the repository is not what this writes
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, Final

from shared.bus import ARCHIVED, BULK, CLASSIFIED, COLLECTED, DEAD
from shared.config import PREFIX, Settings
from shared.events import CONTENT_TYPE, TYPES, schema_id, schema_of
from shared.items import ArchivedItem, ClassifiedItem, CollectedItem, Model, Purpose

ROOT: Final = Path(__file__).parent.parent
EVENTS: Final = "docs/events"
SETTINGS: Final = re.compile(r"(?<=<!-- settings -->\n).*?(?=<!-- /settings -->)", re.DOTALL)
VERSION: Final = "1.0.0"  # of the event contract, not of the product

# topic -> what travels, who sends, who receives
TOPICS: Final[Mapping[str, tuple[type[Model], str, str]]] = {
    COLLECTED: (CollectedItem, "collector", "classifier"),
    COLLECTED + BULK: (CollectedItem, "collector", "classifier"),
    CLASSIFIED: (ClassifiedItem, "classifier", "archivist"),
    CLASSIFIED + BULK: (ClassifiedItem, "classifier", "archivist"),
    ARCHIVED: (ArchivedItem, "archivist", "notifier"),
}


def documents() -> Mapping[str, str]:
    """Path from the root of the repository -> content, for every file that comes from the code alone."""
    schemas = {f"{EVENTS}/{kind}.json": _json(schema_of(kind)) for kind in TYPES.values()}
    return schemas | {f"{EVENTS}/asyncapi.yaml": "".join(_yaml(_asyncapi()))}


def with_settings(readme: str) -> str:
    """The README with the table of settings as the code has them."""
    return SETTINGS.sub(lambda _: settings_table(), readme)


def settings_table() -> str:
    rows = "".join(_setting_row(field) for field in fields(Settings))
    return f"| setting | default | meaning |\n|---|---|---|\n{rows}"


def _setting_row(field: Field[Any]) -> str:
    default = field.default
    if isinstance(default, tuple):
        default = ",".join(map(str, default))
    default = "" if default in (MISSING, None, "") else f"`{default}`"
    return f"| `{PREFIX}{field.name.upper()}` | {default} | {_plain(field.metadata['help'])} |\n"


def _plain(text: str) -> str:
    """As Markdown shows it: angle brackets would be a tag, a bar would end the cell."""
    return text.replace("<", "&lt;").replace("|", "\\|")


def _asyncapi() -> Mapping[str, Any]:
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Vigie",
            "version": VERSION,
            "description": "What travels between the services: CloudEvents 1.0 in structured JSON, keyed by "
            "item id; at least once, in order per key. Readers ignore unknown fields. Topics that "
            "end in .bulk carry what must never cause mail.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {_name(topic): _channel(topic) for topic in TOPICS}
        | {_name(topic + DEAD): _dead_channel(topic) for topic in TOPICS},
        "operations": dict(_operations()),
        "components": {"messages": {_message_name(m): _message(m, kind) for m, kind in TYPES.items()}},
    }


def _channel(topic: str) -> Mapping[str, Any]:
    message = _message_name(TOPICS[topic][0])
    return {"address": topic, "messages": {message: {"$ref": f"#/components/messages/{message}"}}}


def _dead_channel(topic: str) -> Mapping[str, Any]:
    described = (
        f"Records of {topic} that could not be processed, as they came; headers say stage, reason, attempts."
    )
    return {"address": topic + DEAD, "description": described}


def _operations() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for topic, (_, sender, receiver) in TOPICS.items():
        for action, service in (("send", sender), ("receive", receiver)):
            channel = {"$ref": f"#/channels/{_name(topic)}"}
            yield f"{service}_{action}_{_name(topic)}", {"action": action, "channel": channel, "title": service}


def _message(model: type[Model], kind: str) -> Mapping[str, Any]:
    text = {"type": "string"}
    return {
        "name": kind,
        "summary": (model.__doc__ or "").partition("\n")[0],
        "contentType": CONTENT_TYPE,
        "headers": {"type": "object", "properties": {"traceparent": text, "content-type": text}},
        "payload": {
            "type": "object",
            "required": ["specversion", "id", "source", "type", "time", "subject", "purpose", "data"],
            "properties": {
                "specversion": {"const": "1.0"},
                "id": text,
                "source": text | {"description": "/vigie/<stage>"},
                "type": {"const": kind},
                "time": text | {"format": "date-time"},
                "subject": text | {"description": "item id"},
                "datacontenttype": {"const": "application/json"},
                "dataschema": {"const": schema_id(kind)},
                "purpose": {"enum": [purpose.value for purpose in Purpose]},
                "data": {"$ref": f"./{kind}.json"},
            },
        },
    }


def _message_name(model: type[Model]) -> str:
    return model.__name__


def _name(topic: str) -> str:
    return topic.replace(".", "_")


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _yaml(value: Any, depth: int = 0) -> Iterator[str]:
    """YAML in its plainest form: blocks for what nests, JSON for every scalar."""
    lead = "  " * depth
    for key, inner in value.items():
        if isinstance(inner, Mapping):
            yield f"{lead}{_key(key)}:\n"
            yield from _yaml(inner, depth + 1)
        else:
            yield f"{lead}{_key(key)}: {json.dumps(inner, ensure_ascii=False)}\n"


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z_][\w-]*", key) else json.dumps(key)


def main() -> None:
    """Write everything below `ROOT`."""
    for path, content in documents().items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(content, "utf-8")
    readme = ROOT / "README.md"
    readme.write_text(with_settings(readme.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()

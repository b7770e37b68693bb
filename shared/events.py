"""Pure. CloudEvents 1.0 in structured JSON: the envelope around what travels on the bus.

The value alone is complete; `traceparent` (W3C) and the stages' times travel as record headers. A reader ignores
unknown fields; an event of an unknown type or major version is Unprocessable, never a crash.
Source: CloudEvents 1.0.2, its JSON format and its Kafka binding.
"""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from shared.bus import Message, Record
from shared.errors import NotFound, Unprocessable
from shared.items import ArchivedItem, ClassifiedItem, CollectedItem, Model, Purpose

CONTENT_TYPE: Final = "application/cloudevents+json"
TYPES: Final[Mapping[type[Model], str]] = {
    CollectedItem: "org.vigie.item.collected.v1",
    ClassifiedItem: "org.vigie.item.classified.v1",
    ArchivedItem: "org.vigie.item.archived.v1",
}
# What a schema is called, everywhere and for ever. Nothing answers there: `docs/events/` and `/events/` of a
# portal have the schemas. SDKs drop an event with a relative address here, and some do so without a word.
SCHEMAS: Final = "https://vigie.example/events"
STAGE_TIME: Final = "vigie-"  # header prefix: `vigie-collected` -> when the collector published it

_WRITE: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # made once

M = TypeVar("M", bound=Model)


def schema_id(kind: str) -> str:
    """The absolute name of the schema of an event type: `dataschema` of its events, `$id` of the schema."""
    return f"{SCHEMAS}/{kind}.json"


def schema_of(kind: str) -> Mapping[str, Any]:
    """The JSON Schema of the data of an event type, one of `TYPES`. Raises NotFound for another."""
    for model, name in TYPES.items():
        if name == kind:
            head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": schema_id(kind)}
            return head | model.model_json_schema(mode="serialization")
    raise NotFound(f"no event type {kind!r}; there are {', '.join(TYPES.values())}")


def event_id(data: Model) -> str:
    """Deterministic: the same state of the same item has the same id, however often it is sent."""
    match data:
        case CollectedItem():
            return f"{data.item_id}/{data.content_hash}/{data.fetched_at.isoformat()}"
        case ClassifiedItem():
            return f"{event_id(data.item)}/{data.verdict.model}"
        case ArchivedItem():
            return f"{data.item_id}/{data.revision}/{data.verdict.model}"
        case _:
            raise TypeError(f"no event carries {type(data).__name__}")


def subject(data: Model) -> str:
    """The item id: the key that orders."""
    return data.item.item_id if isinstance(data, ClassifiedItem) else str(getattr(data, "item_id", ""))


def encode(
    data: Model, *, purpose: Purpose, stage: str, now: datetime, parent: Mapping[str, str] | None = None
) -> Message:
    """`data` as a message of the stage `stage`, in the trace of the `parent` record's headers."""
    kind = TYPES[type(data)]
    envelope = {
        "specversion": "1.0",
        "id": event_id(data),
        "source": f"/vigie/{stage}",
        "type": kind,
        "time": now.isoformat(),
        "subject": subject(data),
        "datacontenttype": "application/json",
        "dataschema": schema_id(kind),
        "purpose": purpose.value,
    }
    head = _WRITE(envelope)
    value = f'{head[:-1]},"data":{data.model_dump_json()}}}'.encode()
    return Message(subject(data), value, _headers(stage, now, parent or {}))


def decode(record: Record, kind: type[M]) -> tuple[M, Purpose]:
    """The data and the purpose of a record. Raises Unprocessable with what is wrong."""
    try:
        envelope = json.loads(record.message.value)
        found = envelope["type"]
        if found != TYPES[kind]:
            raise Unprocessable(f"expected an event of type {TYPES[kind]}, found {found!r}")
        return kind.model_validate(envelope["data"]), Purpose(envelope["purpose"])
    except Unprocessable:
        raise
    except ValidationError as error:
        raise Unprocessable(f"the event's data does not fit its schema: {_first(error)}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise Unprocessable(f"not a CloudEvent of ours: {type(error).__name__}: {error}") from error


def _first(error: ValidationError) -> str:
    problem = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"


def _headers(stage: str, now: datetime, parent: Mapping[str, str]) -> dict[str, str]:
    trace = parent.get("traceparent", "").split("-")
    trace_id = trace[1] if len(trace) == 4 and len(trace[1]) == 32 else secrets.token_hex(16)
    times = {name: value for name, value in parent.items() if name.startswith(STAGE_TIME)}
    return times | {
        "content-type": f"{CONTENT_TYPE}; charset=UTF-8",
        "traceparent": f"00-{trace_id}-{secrets.token_hex(8)}-01",
        f"{STAGE_TIME}{stage}": now.isoformat(),
    }

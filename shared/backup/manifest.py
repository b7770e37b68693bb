"""Pure. What a backup says of itself: format, moment, what it was taken from, and a digest for every part."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from shared.errors import BadInput

FORMAT: Final = 1
NAME: Final = "vigie.json"
STORE: Final = "store/vigie.db"
BUS: Final = "bus/bus.db"
MAILS: Final = "mail/"
TABLES: Final = "store/"


class StoreKind(StrEnum):
    """Which database a backup holds."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


class BusKind(StrEnum):
    """Whether a backup holds the log itself, or only how far its groups were."""

    EMBEDDED = "embedded"
    KAFKA = "kafka"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Member(_Part):
    """A part of the file: its bytes and their SHA-256."""

    size: int
    sha256: str


class Group(_Part):
    """How far a group was on a topic of Kafka: it reads again from `since` on. `committed` is for people."""

    topic: str
    group: str
    since: AwareDatetime
    committed: int


class Manifest(_Part):
    """`at` is our clock when the moment was taken; `tables` are a server's, each with its columns, in order."""

    vigie: Literal["backup"] = "backup"
    format: int = FORMAT
    program: str
    at: AwareDatetime
    store: StoreKind
    revision: str
    bus: BusKind
    tables: Mapping[str, tuple[str, ...]] = {}
    groups: tuple[Group, ...] = ()
    mails: int = 0
    members: Mapping[str, Member] = {}

    def text(self) -> str:
        return self.model_dump_json(indent=1)


def read_manifest(raw: bytes) -> Manifest:
    """Raises BadInput with what is wrong."""
    try:
        found = Manifest.model_validate_json(raw)
    except ValidationError as error:
        raise BadInput(f"this is no backup of Vigie: {error.error_count()} parts of {NAME} are wrong") from error
    if found.format > FORMAT:
        raise BadInput(f"this backup has format {found.format}; this program reads {FORMAT}. Update Vigie first.")
    return found

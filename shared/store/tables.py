"""Imports every table module, so that the metadata is whole: for migrations and for tests of them."""

from importlib import import_module

from sqlalchemy import MetaData
from sqlmodel import SQLModel

OWNERS = (
    "shared.sources.tables",
    "shared.archive.tables",
    "shared.subscriptions.tables",
    "shared.subscriptions.elsewhere.tables",
    "shared.telemetry.deaths",
    "shared.journal.tables",
    "shared.telemetry.health",
    "shared.telemetry.notices",
    "shared.telemetry.progress",
    "shared.store.memos",
    "shared.watched.tables",
)


def whole_metadata() -> MetaData:
    """The metadata of all tables."""
    for owner in OWNERS:
        import_module(owner)
    return SQLModel.metadata

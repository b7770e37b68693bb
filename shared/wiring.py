"""Chooses the adapters from the settings: the embedded ones, or Kafka and PostgreSQL."""

from shared.bus import Bus
from shared.clock import Clock
from shared.config import Settings
from shared.errors import ConfigError
from shared.store import Store


def open_store(settings: Settings, clock: Clock | None = None) -> Store:
    return Store(settings.store_url, clock)


def open_bus(settings: Settings, clock: Clock | None = None) -> Bus:
    if settings.bus_url:
        raise ConfigError("VIGIE_BUS_URL: Apache Kafka is not supported by this version; leave it empty.")
    from shared.bus.sqlite import SqliteBus

    return SqliteBus(settings.data_dir / "bus.db", clock)

"""Chooses the adapters from the settings: the embedded ones, or Kafka and PostgreSQL. Who opens one closes it."""

from contextlib import ExitStack, closing

from shared.backup.places import half_done
from shared.bus import Bus
from shared.clock import Clock
from shared.config import Settings
from shared.errors import ConfigError
from shared.store import Store


def open_store(settings: Settings) -> Store:
    """Raises ConfigError for a database address that is wrong, and where a restore was interrupted half-way."""
    if said := half_done(settings.data_dir):
        raise ConfigError(said)
    return Store(settings.store_url)


def ready_store(settings: Settings) -> Store:
    """The store with the schema of this program. Raises SchemaOutdated, StoreUnavailable."""
    with ExitStack() as opened:
        store = opened.enter_context(closing(open_store(settings)))
        make_ready(store)
        opened.pop_all()
    return store


def make_ready(store: Store) -> None:
    """Bring an embedded store to the state of this program; a server's is migrated by its operator.

    Raises SchemaOutdated, StoreUnavailable.
    """
    from shared.store import migrate, schema
    from shared.store.sweep import sweep_once

    if store.sqlite:
        migrate.upgrade(store.url)
        sweep_once(store)
    else:
        schema.check(store)


def open_bus(settings: Settings, clock: Clock | None = None) -> Bus:
    if not settings.bus_url:
        from shared.bus.sqlite import SqliteBus

        return SqliteBus(settings.data_dir / "bus.db", clock)
    try:
        from shared.bus.kafka import KafkaBus
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"VIGIE_BUS_URL asks for Kafka, but {error.name} is missing: pip install '.[kafka]'"
        ) from error
    return KafkaBus(settings.bus_url, settings.instance_name)

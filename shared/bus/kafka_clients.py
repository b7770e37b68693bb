"""Makes clients of the library, without what its constructors do wrong in version 3.0.12.

They try for half a minute and do not say why no broker lets them in: we greet first. One that fails leaves
its thread behind: we end it. And a client makes a topic by asking for one, where the broker allows that, with the
broker's number of partitions: ours never do.
"""

from collections.abc import Callable
from typing import Any, Final

from kafka.errors import KafkaError
from kafka.net.compat import KafkaNetClient

from shared.bus.kafka_errors import greet, translated
from shared.bus.kafka_url import KafkaSettings

CONNECT_MS: Final = 15_000
LOOK_AROUND_MS: Final = 15_000  # age at which a client asks again for topics and partitions; 5 min by default
RECONNECT_MS: Final = 2_000  # longest pause before a broker that was away is tried again; 30 s by default


def make_client(kind: Callable[..., Any], settings: KafkaSettings, instance: str, **config: Any) -> Any:
    """A consumer, producer or administrator. Raises BusUnavailable with the cause."""
    greet(settings)
    made: list[Any] = []

    def speaker(**given: Any) -> Any:
        made.append(KafkaNetClient(**given))
        made[-1].cluster.config["allow_auto_create_topics"] = False  # the clients do not pass their setting on
        return made[-1]

    with translated("connect", settings):
        try:
            return kind(
                bootstrap_servers=list(settings.servers),
                bootstrap_timeout_ms=CONNECT_MS,
                client_id=f"vigie-{instance}",
                kafka_client=speaker,
                metadata_max_age_ms=LOOK_AROUND_MS,
                reconnect_backoff_max_ms=RECONNECT_MS,
                **config,
                **settings.client,
            )
        except KafkaError:
            for part in made:
                part.close()
            raise


def forget_coordinators(admin: Any) -> None:
    """Let an administrator ask again which broker coordinates a group: it keeps the first answer for ever.

    When that broker ends, every later question about the group fails, however long the others have taken over.
    """
    admin._client.cluster._coordinators.clear()

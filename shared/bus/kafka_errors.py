"""The library's errors as ours: what was tried, what is wrong, which setting, what to do.

A client whose broker does not answer says no more than that time ran out. One connection of our own (`greet`)
tells in a moment why: nobody there, no Kafka, a refused password, TLS where none is spoken.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from kafka.errors import (
    CommitFailedError,
    FencedInstanceIdError,
    IllegalGenerationError,
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    NodeNotReadyError,
    RebalanceInProgressError,
    RequestTimedOutError,
    SaslAuthenticationFailedError,
    UnknownMemberIdError,
    UnknownTopicOrPartitionError,
    UnsupportedSaslMechanismError,
)
from kafka.net.compat import KafkaNetClient

from shared.bus.kafka_url import KafkaSettings
from shared.errors import BusUnavailable, Conflict

GREET_MS: Final = 5_000  # milliseconds that one broker gets to answer
_LOST: Final = (CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError)
_VAGUE: Final = (KafkaConnectionError, KafkaTimeoutError, NodeNotReadyError, RequestTimedOutError)


class LostPartitions(BusUnavailable):
    """The group gave our partitions to another member meanwhile."""


@contextmanager
def translated(what: str, settings: KafkaSettings) -> Iterator[None]:
    """Raise the library's errors as ours; ask a broker for the cause where an error does not tell it."""
    where = ", ".join(settings.servers)
    try:
        yield
    except FencedInstanceIdError as error:
        raise Conflict(
            f"cannot {what}: another process reads under this name. Give each its own VIGIE_INSTANCE."
        ) from error
    except _LOST as error:
        raise LostPartitions(f"cannot {what}: {error}") from error
    except SaslAuthenticationFailedError as error:
        raise BusUnavailable(f"cannot {what}: {_said(error, where)}") from error
    except UnknownTopicOrPartitionError as error:
        raise BusUnavailable(f"cannot {what} at {where}: the topic is missing. Run `vigie migrate`.") from error
    except KafkaError as error:
        if isinstance(error, _VAGUE) and (cause := cause_of_silence(settings)):
            raise BusUnavailable(f"cannot {what}: {cause}") from error
        raise BusUnavailable(
            f"cannot {what} at {where}: {type(error).__name__}: {error}. Check VIGIE_BUS_URL, the brokers, and "
            "whether `vigie migrate` made the topics."
        ) from error


def greet(settings: KafkaSettings) -> None:
    """Connect and log in. Raises BusUnavailable with the cause when no broker lets us in."""
    if cause := cause_of_silence(settings):
        raise BusUnavailable(cause)


def cause_of_silence(settings: KafkaSettings) -> str | None:
    """Why none of the brokers lets us in, or None when one does."""
    client = KafkaNetClient(
        bootstrap_servers=list(settings.servers), client_id="vigie-greeting", **settings.client
    )
    try:
        causes = [_cause(client, node) for node in client.cluster.bootstrap_brokers()]
    finally:
        client.close()
    return None if None in causes else " ".join(cause for cause in causes if cause)


def _cause(client: Any, node: Any) -> str | None:
    """Why this broker does not let us in. Driven in this thread, so that nothing stays behind."""
    place = f"{node.host}:{node.port}"
    try:  # the library leaves a socket open where it is refused
        socket.create_connection((node.host, node.port), timeout=GREET_MS / 1000).close()
    except OSError as error:
        reason = error.strerror or str(error)
        return f"no Kafka broker answers at {place} ({reason}). Check VIGIE_BUS_URL and the broker."
    connection = client._manager.get_connection(
        node.node_id, timeout_ms=GREET_MS, pop_on_close=False, refresh_metadata_on_err=False
    )
    client._net.poll(timeout_ms=GREET_MS, future=connection.init_future)
    if not connection.init_future.succeeded():
        return _said(connection.init_future.exception, place)
    # a listener that wants a login tells its versions to everybody, and hangs up at the first other request
    asked = client.send(node.node_id, client.cluster.metadata_request())
    client._net.poll(timeout_ms=GREET_MS, future=asked)
    return None if asked.succeeded() else _said(asked.exception, place)


def _said(error: Exception | None, place: str) -> str:
    match error:
        case SaslAuthenticationFailedError():
            return f"{place} refuses user or password of VIGIE_BUS_URL. Correct them there or at the broker."
        case KafkaConnectionError() if "disconnected" in str(error):
            return (  # the library drops what the broker answered just before
                f"{place} hangs up on us. Check user, password, sasl_mechanism and security_protocol in "
                "VIGIE_BUS_URL, and whether the broker knows the user."
            )
        case UnsupportedSaslMechanismError():
            return f"{place} does not take this way to log in. Set sasl_mechanism in VIGIE_BUS_URL."
        case IllegalSaslStateError():
            return f"{place} does not ask for a login. Remove user:password@ from VIGIE_BUS_URL."
        case KafkaConnectionError() if "Handshake" in str(error):
            return f"{place} does not speak TLS as VIGIE_BUS_URL asks (security_protocol, ssl_*): {error}"
        case _:
            return (
                f"no Kafka broker answers at {place} within {GREET_MS // 1000} s. Check the address and "
                "security_protocol in VIGIE_BUS_URL, and the broker."
            )

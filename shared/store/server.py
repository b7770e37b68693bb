"""The engine on PostgreSQL, whose server may change under it: a standby takes over, the former one stays silent.

A session knows its server as it was. So one that cannot write any more is thrown away, and all others with it; and
one that gets no answer asks a fresh connection whether the server still knows it. A statement may take long, and
may wait for a lock: only a server that is gone, silent, or another one ends it. The one door to psycopg.
"""

import time
from collections.abc import Callable, Generator, Mapping
from functools import partial
from threading import Lock
from typing import Any, Final

import psycopg
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import ArgumentError

from shared.errors import ConfigError
from shared.store.types import compact

SILENCE: Final = 5.0  # seconds without an answer after which the server is asked whether it still knows us
PROBE: Final = 3.0  # seconds that it gets to let us in, and again to answer
CONNECT: Final = 6  # seconds that one of the hosts gets to let us in
WAIT_FOR_CONNECTION: Final = 15.0  # seconds until a thread that finds all connections in use gives up

# A dead machine is noticed after ten seconds, on both sides, not after two hours.
LIMITS: Final[Mapping[str, object]] = {
    "connect_timeout": CONNECT,
    "keepalives": 1,
    "keepalives_idle": 4,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds
    "target_session_attrs": "read-write",  # a standby is not ours, of several hosts or of one
}
SESSION: Final[Mapping[str, str]] = {
    "tcp_keepalives_idle": "4",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "2min",  # who was stopped in the middle must not hold locks for ever
}
# read-only; ended by an administrator, a crash, a time limit; starting up or shutting down
LOST: Final = frozenset({"25006", "57P01", "57P02", "57P03", "57P05", "25P03"})
ENDED: Final = ("starting up", "shutting down", "not accepting connections", "in recovery")

# whether the server works for a session, or stopped so lately that the answer may be on its way
KNOWN: Final = """
    SELECT coalesce(state, 'active') NOT LIKE 'idle%%' OR state_change > clock_timestamp() - interval '2 seconds'
    FROM pg_stat_activity WHERE pid = %s AND backend_start = %s
"""

Steps = Generator[Any, Any, Any]


def open_engine(url: URL, sizes: Mapping[str, Any], patience: int) -> Engine:
    """An engine whose sessions are thrown away when their server has changed, or says nothing any more.

    No statement takes longer than `patience`, in seconds. Connects to nobody. Raises ConfigError for
    settings that the client library does not know.
    """
    ours = {name: value for name, value in LIMITS.items() if name not in url.query}
    try:
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            json_serializer=compact,
            **sizes,
            pool_timeout=WAIT_FOR_CONNECTION,
            connect_args=ours,
        )
        _try_options(engine.dialect.create_connect_args(url)[1])
    except (ArgumentError, psycopg.Error, ValueError) as error:
        said = str(error).strip().partition("\n")[0]
        raise ConfigError(f"VIGIE_DATABASE_URL: {said}. See its part after the question mark.") from None
    hosts = Hosts()
    event.listen(engine, "do_connect", lambda _d, _r, args, given: hosts.connect(*args, **given))
    event.listen(engine, "connect", partial(_greet, patience))
    event.listen(engine, "handle_error", _judge)
    return engine


def _try_options(given: Mapping[str, Any]) -> None:
    """Raises what the client library would raise at the first connection."""
    psycopg.conninfo.make_conninfo(**{name: value for name, value in given.items() if name != "context"})
    int(given.get("connect_timeout", CONNECT))


class Hosts:
    """Connects; of several hosts it asks the one first that let us in last. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last: tuple[str, str] | None = None

    def connect(self, *args: Any, **given: Any) -> "Session":
        session = Session.connect(*args, **self._ordered(given))
        session.given = given
        with self._lock:
            self._last = session.info.host, str(session.info.port)
        return session

    def _ordered(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        names, ports = str(given.get("host", "")).split(","), str(given.get("port", "")).split(",")
        with self._lock:
            last = self._last
        if last is None or len(names) < 2 or len(ports) != len(names):
            return given
        pairs = sorted(zip(names, ports, strict=True), key=lambda pair: pair != last)
        return {**given, "host": ",".join(name for name, _ in pairs), "port": ",".join(port for _, port in pairs)}


class Session(psycopg.Connection[Any]):
    """A connection that does not wait for ever. `given` is what it was made with."""

    given: Mapping[str, Any] = {}
    place: tuple[int, Any] | None = None  # our process on the server, and when it began

    def wait(self, gen: Any, *args: Any, **kwargs: Any) -> Any:
        return super().wait(watched(gen, SILENCE, self._must_be_known), *args, **kwargs)

    def _must_be_known(self) -> None:
        """Raises OperationalError, and ends this connection, when its server is gone, silent, or another one."""
        if self.pgconn.status != psycopg.pq.ConnStatus.OK:
            return
        if reason := self._lost() if self.place else "it never gave one":
            self.pgconn.finish()
            raise psycopg.OperationalError(f"no answer for {SILENCE:.0f} s, and {reason}")

    def _lost(self) -> str | None:
        """Why this connection can get no answer any more; None where it may only take its time."""
        where = {"host": self.info.host, "port": self.info.port, "connect_timeout": PROBE}
        asked = {**self.given, **where, "target_session_attrs": "any"}
        try:
            with Probe.connect(**asked, autocommit=True) as probe:
                found = probe.execute(KNOWN, self.place).fetchone()
        except psycopg.Error as error:
            said = str(error)
            answered = "FATAL" in said and not any(word in said for word in ENDED)  # such as: too many clients
            return None if answered else f"the server does not answer either: {said.strip().splitlines()[0]}"
        if found is None:
            return "the server at the address does not know the session"
        return None if found[0] else "the server waits for us in turn: what was said is lost"


class Probe(psycopg.Connection[Any]):
    """A connection that asks one question and gets no second chance."""

    def wait(self, gen: Any, *args: Any, **kwargs: Any) -> Any:
        return super().wait(watched(gen, PROBE, _give_up), *args, **kwargs)


def watched(steps: Steps, seconds: float, silent: Callable[[], None]) -> Steps:
    """psycopg's steps of a statement, as they are; `silent` is called after every so many seconds without one."""
    since = time.monotonic()
    try:
        state = next(steps)
        while True:
            ready = yield state
            if ready:
                since = time.monotonic()
            elif time.monotonic() - since > seconds:
                silent()
                since = time.monotonic()
            state = steps.send(ready)
    except StopIteration as end:
        return end.value


def _give_up() -> None:
    raise psycopg.OperationalError(f"no answer within {PROBE:.0f} s")


def _greet(patience: int, session: Session, _record: object) -> None:
    """Set the limits of the session, and learn under which name the server knows it."""
    session.autocommit = True  # a setting is taken back with its transaction
    limits = {**SESSION, "statement_timeout": f"{patience}s"}
    settings = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in limits.items())
    who = "SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"
    session.execute(f"SELECT {settings}")
    session.place = session.execute(who).fetchone()
    session.autocommit = False


def _judge(context: ExceptionContext) -> None:
    """A session that its server will serve no more takes all others with it."""
    if getattr(context.original_exception, "sqlstate", None) in LOST:
        context.is_disconnect = True

"""Whom TLS believes: the authorities that the library brings, and those of VIGIE_CA_FILE; and what failed."""

import ssl
from collections.abc import Callable
from functools import cache
from pathlib import Path

from shared.errors import ConfigError


def believing(made: Callable[[], ssl.SSLContext], ca_file: Path | None) -> ssl.SSLContext:
    """What `made` believes, and the authorities in `ca_file`. Not to be changed: without a file all share one.

    To read the authorities takes 25 ms of the processor. Raises ConfigError.
    """
    return _read_once(made) if ca_file is None else trust_also(made(), ca_file)


@cache
def _read_once(made: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    return made()


def trust_also(context: ssl.SSLContext, ca_file: Path | None) -> ssl.SSLContext:
    """`context`, which from now on believes the authorities in `ca_file` too. Raises ConfigError."""
    if ca_file is None:
        return context
    try:
        context.load_verify_locations(cafile=str(ca_file))
    except (OSError, ssl.SSLError) as error:
        reason = error.strerror or "it holds no certificate in PEM" if isinstance(error, OSError) else str(error)
        raise ConfigError(f"VIGIE_CA_FILE names {ca_file}, which cannot be used: {reason}") from error
    # Python 3.13 and later are strict on extensions that authorities of one's own house often lack
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def what_failed(error: ssl.SSLError) -> str:
    """Why there is no secure connection, in the library's words without its codes and places."""
    words = getattr(error, "verify_message", "") or (error.reason or "").replace("_", " ").lower()
    return words.rstrip(".") or str(error)

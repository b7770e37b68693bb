"""Pure. The keys of links and of hashed addresses: two ends, each with several keys, the newest first.

The newest key makes; every one recognises. So a key is changed without a mail in a mailbox losing its leave link,
and without a line of the consent record losing the address that it is about.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

SHOWN: Final = 8  # letters that name a key to an operator


@dataclass(frozen=True, slots=True)
class Keys:
    """`signing` for links, `hashing` for addresses; neither is empty where something is made."""

    signing: tuple[bytes, ...] = field(repr=False)
    hashing: tuple[bytes, ...] = field(repr=False)


def address_hash(keys: Keys, address: str) -> str:
    """Keyed hash of a normalised address: proves to who knows the address, tells nobody else."""
    return _hash(keys.hashing[0], address)


def address_hashes(keys: Keys, address: str) -> Sequence[str]:
    """Every hash under which the address may be on record, whichever key was the newest then."""
    return [_hash(key, address) for key in keys.hashing]


def secret_hash(keys: Keys, secret: str) -> str:
    """Keyed hash of a secret that we gave somebody, and do not keep."""
    return _hash(keys.hashing[0], secret, "secret")


def secret_hashes(keys: Keys, secret: str) -> Sequence[str]:
    """Every hash under which the secret may be known, whichever key was the newest when it was made."""
    return [_hash(key, secret, "secret") for key in keys.hashing]


def key_name(key: bytes) -> str:
    """Names a key without showing it."""
    return sha256(b"name\0" + key).hexdigest()[:SHOWN]


def _hash(key: bytes, said: str, kind: str = "address") -> str:
    return hmac.digest(key, f"{kind}\0{said}".encode(), sha256).hex()

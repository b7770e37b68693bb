"""Pure. How what is posted to a webhook is signed: Standard Webhooks, symmetric, version 1.

HMAC-SHA256 over `id.timestamp.body`, keyed by the octets that the secret has in base64 behind `whsec_`. Headers
name the id, which is the same at every try, and the moment of this try, which an old copy gives itself away by.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Final

PREFIX: Final = "whsec_"


def secret_of(octets: bytes) -> str:
    """The secret as its owner gets it."""
    return PREFIX + b64encode(octets).decode("ascii")


def signed(secret: str, id_: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """The headers of a try at `at`."""
    timestamp = str(int(at.timestamp()))
    key = b64decode(secret.removeprefix(PREFIX))
    digest = hmac.digest(key, f"{id_}.{timestamp}.".encode() + body, sha256)
    return {
        "webhook-id": id_,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{b64encode(digest).decode('ascii')}",
    }

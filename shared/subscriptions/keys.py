"""The key that signs links: the operator's, or one that this installation made and keeps in the store."""

import secrets
from typing import Final

from sqlmodel import Session

from shared.errors import BadLink
from shared.store.upsert import insert_new
from shared.subscriptions.tables import SecretRow

NAME: Final = "links"


def ensure_secret(session: Session) -> str:
    """The installation's own key, made at the first call."""
    found = session.get(SecretRow, NAME)
    if found is None:
        insert_new(session, SecretRow, {"name": NAME, "value": secrets.token_hex(32)})
        found = session.get_one(SecretRow, NAME)  # another process may have been first
    return found.value


def signing_key(session: Session, configured: str) -> bytes:
    """The setting `secret_key` if there is one, else the installation's own. Needs a writing session."""
    return (configured or ensure_secret(session)).encode()


def known_key(session: Session, configured: str) -> bytes:
    """The same key, without making one: enough to check a link. Raises BadLink where no key was made yet."""
    if configured:
        return configured.encode()
    if (found := session.get(SecretRow, NAME)) is None:
        raise BadLink("this installation has not signed any link yet")
    return found.value.encode()

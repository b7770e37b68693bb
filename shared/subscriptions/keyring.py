"""Where the keys come from: the operator's settings, and behind them those that this installation made for itself.

Once a single key served both ends, the operator's `secret_key` or the installation's own. So whatever signs links
recognises addresses too, behind the keys that are meant for it.
"""

import secrets
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session, col, select

from shared.config import Settings
from shared.errors import BadLink
from shared.store.upsert import insert_new
from shared.subscriptions.keys import Keys, key_name
from shared.subscriptions.tables import SecretRow

LINKS: Final = "links"
ADDRESSES: Final = "addresses"
_SEPARATOR: Final = ","  # between the keys of one row, the newest first; they are hexadecimal


def made_keys(session: Session, settings: Settings) -> Keys:
    """The keys; those that the installation needs of its own are made. Needs a writing session."""
    for name in (LINKS, ADDRESSES):
        if session.get(SecretRow, name) is None:
            insert_new(session, SecretRow, {"name": name, "value": _new()})  # or another process was first
    return _keys(settings, _own(session))


def known_keys(session: Session, settings: Settings) -> Keys:
    """The keys, without making one: enough to open a link. Raises BadLink where there is none yet."""
    keys = _keys(settings, _own(session))
    if not keys.signing:
        raise BadLink("this installation has not signed any link yet")
    return keys


@dataclass(frozen=True, slots=True)
class KeyUse:
    """A key as operators see it. `newest`: it makes, and does not only recognise."""

    use: str
    name: str
    origin: str
    newest: bool


def key_uses(session: Session, settings: Settings) -> tuple[KeyUse, ...]:
    """Every key of both ends, in the order in which they are tried."""
    keys, made_here = _keys(settings, _own(session)), {key for own in _own(session).values() for key in own}
    return tuple(
        KeyUse(use, key_name(key), "database" if key in made_here else "settings", newest=place == 0)
        for use, ring in ((LINKS, keys.signing), (ADDRESSES, keys.hashing))
        for place, key in enumerate(ring)
    )


def rotate(session: Session) -> None:
    """A new key of the installation's own signs links; the ones before it go on opening theirs."""
    _write(session, LINKS, (_new().encode(), *_own(session)[LINKS]))


def forget(session: Session) -> int:
    """Of the installation's own keys only the newest opens links from now on. Returns how many no longer do.

    They still recognise addresses: the consent record that they hashed is kept.
    """
    own = _own(session)
    newest, *older = own[LINKS]
    _write(session, LINKS, (newest,))
    _write(session, ADDRESSES, (*own[ADDRESSES], *older))
    return len(older)


def _keys(settings: Settings, own: dict[str, tuple[bytes, ...]]) -> Keys:
    signing = (*map(str.encode, settings.secret_key), *own[LINKS])
    hashing = (*map(str.encode, settings.hash_key), *own[ADDRESSES], *signing)
    return Keys(tuple(dict.fromkeys(signing)), tuple(dict.fromkeys(hashing)))


def _own(session: Session) -> dict[str, tuple[bytes, ...]]:
    rows = session.exec(select(SecretRow).where(col(SecretRow.name).in_((LINKS, ADDRESSES)))).all()
    kept = {row.name: tuple(row.value.encode().split(_SEPARATOR.encode())) for row in rows}
    return {LINKS: (), ADDRESSES: ()} | kept


def _write(session: Session, name: str, keys: tuple[bytes, ...]) -> None:
    row = session.get_one(SecretRow, name)
    row.value = _SEPARATOR.join(key.decode() for key in keys)
    session.add(row)


def _new() -> str:
    return secrets.token_hex(32)

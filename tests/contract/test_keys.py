"""Two keys, one for links and one for addresses, each changed without a mail or a record losing its meaning."""

from dataclasses import replace

import pytest

from shared.config import Settings
from shared.errors import BadLink
from shared.store import Store
from shared.subscriptions import keyring, lifecycle, people
from shared.subscriptions.consent import consent_of_address
from shared.subscriptions.keyring import forget, known_keys, made_keys, rotate
from shared.subscriptions.keys import Keys, address_hash
from shared.subscriptions.links import Purpose, sign, verify
from shared.subscriptions.tables import SecretRow
from tests.mailing import EPOCH, LESER

OURS = Settings()


def keys(store: Store, settings: Settings = OURS) -> Keys:
    with store.writing() as session:
        return made_keys(session, settings)


def opens(made_by: Keys, asked: Keys) -> bool:
    try:
        return verify(asked, Purpose.LEAVE, sign(made_by, Purpose.LEAVE, "0a1b"), EPOCH) == "0a1b"
    except BadLink:
        return False


def test_an_installation_makes_two_different_keys_once(store: Store) -> None:
    made = keys(store)
    assert keys(store) == made
    assert made.signing[0] != made.hashing[0]
    with store.reading() as session:
        assert known_keys(session, OURS) == made


def test_who_only_looks_makes_no_key(store: Store) -> None:
    with store.reading() as session, pytest.raises(BadLink):
        known_keys(session, OURS)
    with store.reading() as session:
        assert session.get(SecretRow, keyring.LINKS) is None


def test_a_configured_key_signs_and_what_the_own_one_signed_still_opens(store: Store) -> None:
    own, configured = keys(store), keys(store, Settings(secret_key=("second", "first")))
    assert configured.signing[0] == b"second"
    assert opens(own, configured)
    assert opens(Keys((b"first",), (b"x",)), configured)
    assert not opens(configured, own)


def test_a_new_key_of_the_installations_own_signs_and_the_old_one_only_opens(store: Store) -> None:
    old = keys(store)
    with store.writing() as session:
        rotate(session)
    new = keys(store)
    assert new.signing[0] not in old.signing
    assert opens(old, new)
    assert new.hashing[0] == old.hashing[0]


def test_a_forgotten_key_opens_nothing_and_still_finds_what_it_hashed(store: Store) -> None:
    old = keys(store)
    with store.writing() as session:
        rotate(session)
        assert forget(session) == 1
    new = keys(store)
    assert not opens(old, new)
    assert set(old.hashing) <= set(new.hashing)


def agree(store: Store, keys: Keys, query: str) -> None:
    with store.writing() as session:
        lifecycle.add_confirmed(session, store.now(session), LESER, query, "daily", "de", keys=keys)


def test_a_consent_is_found_whichever_key_was_the_newest_when_it_was_given_and_after_an_erasure(
    store: Store,
) -> None:
    former = Settings(secret_key=("the only key",))  # the one key of an installation before there were two
    only = Keys((b"the only key",), (b"the only key",))
    agree(store, only, "theme:ai")
    agree(store, keys(store, former), "theme:energy")
    now = keys(store, replace(former, hash_key=("newest", "newer")))
    agree(store, now, "theme:health")
    with store.writing() as session:
        people.erase(session, LESER, store.now(session), keys=now)
        found = consent_of_address(session, now, LESER)
        assert consent_of_address(session, now, "other@example.org") == ()
    assert {line.query for line in found} == {
        "theme:ai",
        "theme:energy",
        "theme:health",
        "",
    }  # "" is the erasure's
    assert [line.reason for line in found[-3:]] == ["erased"] * 3


def test_the_key_for_addresses_is_not_the_one_that_signs(store: Store) -> None:
    made = keys(store, Settings(secret_key=("a",), hash_key=("b",)))
    assert address_hash(made, LESER) == address_hash(Keys((b"other",), (b"b",)), LESER)


def test_a_key_is_named_and_never_shown(store: Store) -> None:
    settings = Settings(secret_key=("very secret",))
    made = keys(store, settings)
    with store.reading() as session:
        uses = keyring.key_uses(session, settings)
    said = repr((uses, made, settings.redacted()))
    assert not any(key.decode() in said for key in (*made.signing, *made.hashing))
    newest = [(use.use, use.origin) for use in uses if use.newest]
    assert newest == [("links", "settings"), ("addresses", "database")]

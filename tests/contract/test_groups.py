"""Groups that an operator owns: one wish, a list of addresses, and every right of each of them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlmodel import Session, select

from shared.errors import BadInput, Conflict, NotFound
from shared.store import Store
from shared.subscriptions import groups, lifecycle, moving, own, people
from shared.subscriptions.consent import consent_of_address
from shared.subscriptions.links import Purpose, sign
from shared.subscriptions.options import Options
from shared.subscriptions.subscription import Subscription
from shared.subscriptions.suspensions import bounced
from shared.subscriptions.tables import AddressChangeRow, DeliveryRow, PersonRow, SubscriptionRow
from shared.subscriptions.version import changing
from shared.subscriptions.words import Kind
from tests.mailing import KEYS, LESER, archive, deliver_all, mail_through, subscribe

NAME = "Energy desk"
PROOF = "minutes of 3 May"


@contextmanager
def session_of(store: Store) -> Iterator[Session]:
    with changing(store) as session:
        yield session


def a_group(store: Store, *addresses: str, query: str = "theme:energy") -> None:
    with session_of(store) as session:
        groups.add(session, store.now(session), NAME, query, "instant", "de", Options())
    for address in addresses:
        assert put(store, address)


def put(store: Store, address: str, *, proof: str = PROOF, again: bool = False) -> bool:
    with session_of(store) as session:
        said = {"keys": KEYS, "proof": proof, "again": again}
        return groups.add_address(session, NAME, address, store.now(session), **said)


def member(store: Store, address: str = LESER) -> Subscription:
    with store.reading() as session:
        found = groups.group(session, NAME)
    return next(each.subscription for each in found.members if each.address == address)


def leave(store: Store, subscription: Subscription) -> None:
    with session_of(store) as session:
        lifecycle.leave(session, sign(KEYS, Purpose.LEAVE, subscription.id), store.now(session), keys=KEYS)


def test_each_address_gets_its_own_mail_with_its_own_leave_link(store: Store) -> None:
    a_group(store, LESER, "other@example.org")
    mails = mail_through(store, archive(store, "one"))
    assert {mail.recipient for mail in mails} == {LESER, "other@example.org"}
    assert len({dict(mail.headers)["List-Unsubscribe"] for mail in mails}) == 2
    assert all(f"in die Gruppe „{NAME}“ aufgenommen" in " ".join(mail.text.split()) for mail in mails)
    leave(store, member(store))
    mails = mail_through(store, archive(store, "two", text="Quite another story of energy."))
    assert [mail.recipient for mail in mails if "Meldung two" in mail.text] == ["other@example.org"]


def test_one_mail_for_an_address_and_a_story_whatever_else_it_has(store: Store) -> None:
    subscribe(store)
    subscribe(store, query="theme:energy lang:de")
    a_group(store, LESER)
    with store.reading() as session:
        assert len(lifecycle.active_rows(session, member(store).person)) == 3
    assert len(mail_through(store, archive(store, "one"))) == 1


def test_its_consent_is_documented_and_asked_for(store: Store) -> None:
    a_group(store)
    with pytest.raises(BadInput, match="proof"):
        put(store, LESER, proof=" ")
    put(store, LESER)
    with store.reading() as session:
        lines = consent_of_address(session, KEYS, LESER)
    assert [line.event for line in lines] == ["requested", "confirmed"]
    assert (lines[-1].proof, lines[-1].origin) == (PROOF, f"group {NAME}")


def test_a_list_that_comes_again_changes_nothing(store: Store) -> None:
    a_group(store, LESER)
    assert not put(store, "LESER@example.org")
    with store.reading() as session:
        assert len(session.exec(select(SubscriptionRow)).all()) == 1


def test_who_left_is_not_brought_back_by_a_list_but_by_again(store: Store) -> None:
    a_group(store, LESER)
    leave(store, member(store))
    with pytest.raises(Conflict, match="--again"):
        put(store, LESER)
    assert put(store, LESER, again=True)
    with session_of(store) as session:
        assert groups.remove_address(session, NAME, LESER, store.now(session), keys=KEYS, origin="cli")
    assert put(store, LESER)  # whom the operator took out, the operator may put in


def test_who_was_erased_stays_erased_and_nothing_of_the_address_is_needed_for_it(store: Store) -> None:
    a_group(store, LESER)
    with session_of(store) as session:
        people.erase(session, LESER, store.now(session), keys=KEYS)
    with pytest.raises(Conflict):
        put(store, LESER)
    with store.reading() as session:
        assert session.exec(select(PersonRow)).all() == []


def test_an_address_that_mails_came_back_from_is_refused(store: Store) -> None:
    a_group(store)
    former = subscribe(store)
    with session_of(store) as session:
        said = {"code": "5.1.1", "reason": "no such user", "permanent": True, "origin": "relay"}
        bounced(session, former.person, store.now(session), keys=KEYS, delivery="d", **said)
    with pytest.raises(Conflict, match="resume"):
        put(store, LESER)


def test_its_reader_may_pause_and_end_it_but_not_change_it(store: Store) -> None:
    a_group(store, LESER)
    one = member(store)
    with session_of(store) as session:
        with pytest.raises(BadInput, match="operator"):
            lifecycle.change(session, one.id, store.now(session), keys=KEYS, query="theme:ai")
        assert lifecycle.pause(session, one.id, store.now(session), store.now(session), keys=KEYS).group == NAME


def test_an_end_that_is_undone_is_the_groups_again_and_a_move_takes_it_along(store: Store) -> None:
    a_group(store, LESER)
    with session_of(store) as session:
        one = member(store)
        own.leave(session, one.person, one.id, store.now(session), keys=KEYS)
        mail = session.exec(select(DeliveryRow).where(DeliveryRow.kind == Kind.LEFT)).one()
        own.undo(session, sign(KEYS, Purpose.UNDO, mail.id), store.now(session), keys=KEYS)
        person = session.exec(select(PersonRow)).one()
        moving.ask(session, person, "new@example.org", store.now(session), "de")
        change = session.exec(select(AddressChangeRow)).one()
        moving.move(session, sign(KEYS, Purpose.MOVE, change.id), store.now(session), keys=KEYS)
    assert member(store, "new@example.org").active
    with pytest.raises(Conflict):
        put(store, LESER)  # whoever had it lives elsewhere now


def test_its_end_ends_it_for_all_and_its_name_is_free(store: Store) -> None:
    a_group(store, LESER, "other@example.org")
    leave(store, member(store))
    deliver_all(store)
    with session_of(store) as session:
        assert groups.remove(session, NAME, store.now(session), keys=KEYS, origin="cli") == 1
        assert groups.groups(session) == ()
        with pytest.raises(NotFound):
            groups.group(session, NAME)
    assert mail_through(store, archive(store, "one")) == []
    a_group(store, "other@example.org", query="theme:ai")
    with pytest.raises(Conflict):
        put(store, LESER)

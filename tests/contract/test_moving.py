"""Who moved to another address left the old one for good: a database from before mails it nothing."""

from sqlmodel import select

from shared.journal.endings import endings, forgotten
from shared.store import Store
from shared.subscriptions import moving, own
from shared.subscriptions.links import Purpose, sign
from shared.subscriptions.tables import AddressChangeRow, DeliveryRow, PersonRow, SubscriptionRow
from shared.subscriptions.words import Kind
from tests.mailing import KEYS, LESER, archive, deliver_all, match, subscribe

KEY = b"the journal's"


def test_what_moved_is_in_the_journal_and_its_waiting_mail_goes_to_the_new_address(store: Store) -> None:
    former = subscribe(store)
    match(store, archive(store, "one"))
    with store.writing() as session:
        now = store.now(session)
        person = session.exec(select(PersonRow)).one()
        moving.ask(session, person, "new@example.org", now, "de")
        change = session.exec(select(AddressChangeRow)).one()
        moving.move(session, sign(KEYS, Purpose.MOVE, change.id), now, keys=KEYS)
    with store.reading() as session:
        entries = [entry for _, entry in endings(session, 0, KEY)]
        assert len(entries) == 1
        assert not forgotten(session, entries, KEY)  # the successor goes on
        ended = session.exec(select(SubscriptionRow.id).where(SubscriptionRow.end_reason != "")).all()
        assert ended == [former.id]
    mails = {mail.recipient: mail for mail in deliver_all(store)}
    assert set(mails) == {"new@example.org", LESER}  # the news; and the notice


def test_what_was_brought_back_is_no_end_that_was_forgotten(store: Store) -> None:
    former = subscribe(store)
    with store.writing() as session:
        now = store.now(session)
        own.leave(session, former.person, former.id, now, keys=KEYS)
        mail = session.exec(select(DeliveryRow).where(DeliveryRow.kind == Kind.LEFT)).one()
        (back,) = own.undo(session, sign(KEYS, Purpose.UNDO, mail.id), now, keys=KEYS)
        assert back.id != former.id
    with store.reading() as session:
        entries = [entry for _, entry in endings(session, 0, KEY)]
        assert len(entries) == 1
        assert not forgotten(session, entries, KEY)

"""The book of subscriptions, brought up to date: the same as one that is read from the beginning."""

import random
from pathlib import Path

from services.notifier.book import Book, load_book
from shared.query.match import document_of
from shared.store import Store
from shared.subscriptions import lifecycle
from tests.fakes import FakeClock, a_store
from tests.mailing import KEYS, archive, subscribe

QUERIES = (
    "theme:energy",
    "theme:energy Netz",
    "title:Meldung",
    "-Netz",
    '"Das Netz" OR theme:health',
    "lang:fr",
    "",
)


def same(one: Book, other: Book, store: Store) -> None:
    document = document_of(archive(store, "one"))
    assert one.version == other.version
    assert one.known == other.known
    assert sorted(each.id for each in one.matching(document)) == sorted(
        each.id for each in other.matching(document)
    )
    assert len(one.index) == len(other.index) == len(one.known)


def test_a_book_that_is_brought_up_to_date_is_as_one_that_is_read_anew(
    tmp_path: Path, dice: random.Random
) -> None:
    store = a_store(tmp_path, FakeClock())
    ids = [
        subscribe(store, f"a{n}@example.org", dice.choice(QUERIES), dice.choice(("instant", "daily"))).id
        for n in range(12)
    ]
    with store.reading() as session:
        book = load_book(session)
    for round_ in range(6):
        with store.writing() as session:
            now = store.now(session)
            for id_ in dice.sample(ids, 2):
                lifecycle.change(session, id_, now, keys=KEYS, query=dice.choice(QUERIES), every="weekly")
            gone = ids.pop(dice.randrange(len(ids)))
            lifecycle.end(session, [lifecycle.active(session, gone)], now, keys=KEYS, reason="", origin="")
        ids.append(subscribe(store, f"b{round_}@example.org", dice.choice(QUERIES)).id)
        with store.reading() as session:
            book = load_book(session, book)
            same(book, load_book(session), store)
    store.close()


def test_what_did_not_change_is_not_read_again(tmp_path: Path) -> None:
    store = a_store(tmp_path, FakeClock())
    kept = subscribe(store, "a@example.org").id
    with store.reading() as session:
        book = load_book(session)
    before = book.known[kept]
    subscribe(store, "b@example.org")
    with store.reading() as session:
        book = load_book(session, book)
    assert book.known[kept] is before
    assert len(book.known) == 2
    store.close()

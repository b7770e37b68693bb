"""What a journal, or its absence, says of a store: case by case."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.journal.judge import Judgement, Lineage, Verdict, judge
from shared.journal.lines import Content, Entry, Head, Mark, Said, Unreadable, entry, read, standing, written

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PATH = Path("/var/lib/vigie-journal/journal")
OURS = Content(Head("j", "ours", b"key"), Mark(7, NOON, 20, "this boot"), ())
NEWER = written(OURS).replace(b'"format": 1', b'"format": 2')
STORE = Lineage("ours", 7, sent=True, mails=20)


def judged(found: Content | None, store: Lineage, damage: str | None = None) -> Judgement:
    return judge(found, store, NOON + timedelta(hours=2), PATH, damage=damage, boot="this boot")


@pytest.mark.parametrize(
    ("store", "verdict"),
    [
        (STORE, Verdict.SAME),
        (replace(STORE, generation=9), Verdict.SAME),  # a death before the journal was written, or others
        (replace(STORE, generation=6), Verdict.RESTORED),
        (replace(STORE, mails=19), Verdict.RESTORED),  # the middle of a batch
        (replace(STORE, mails=25), Verdict.SAME),
        (replace(STORE, generation=6, marked=True), Verdict.COVERED),
        (replace(STORE, generation=6, restored_at=NOON + timedelta(hours=1)), Verdict.COVERED),
        (replace(STORE, generation=6, restored_at=NOON - timedelta(hours=1)), Verdict.RESTORED),
        (replace(STORE, generation=6, restored_at=NOON + timedelta(days=1)), Verdict.RESTORED),  # a wrong clock
    ],
)
def test_a_journal_that_is_ahead_is_a_restore_unless_one_covers_all_that_it_knows(
    store: Lineage, verdict: Verdict
) -> None:
    assert judged(OURS, store).verdict is verdict
    assert judged(OURS, store).ours


def test_the_count_within_a_batch_says_nothing_after_the_machine_went_down() -> None:
    store, later = replace(STORE, mails=19), NOON + timedelta(hours=2)
    assert judge(OURS, store, later, PATH, boot="another boot").verdict is Verdict.SAME


@pytest.mark.parametrize(
    ("found", "damage", "store", "said"),
    [
        (None, None, STORE, "there is no journal at"),
        (None, None, replace(STORE, generation=0), "the first start after an update"),
        (None, "it has no head", STORE, "damaged"),
        (replace(OURS, head=Head("j", "another", b"key")), None, STORE, "another installation"),
    ],
)
def test_without_a_journal_of_ours_whatever_has_sent_mails_is_a_restore(
    found: Content | None, damage: str | None, store: Lineage, said: str
) -> None:
    assert judged(found, store, damage).verdict is Verdict.RESTORED
    assert said in str(judged(found, store, damage).reason)
    assert not judged(found, store, damage).ours
    assert judged(found, replace(store, sent=False), damage).verdict is Verdict.NEW
    assert judged(found, replace(store, marked=True), damage).verdict is Verdict.COVERED


def test_a_journal_is_read_as_it_was_written() -> None:
    entries = (
        Entry(Said.ENDED, "a"),
        Entry(Said.SUSPENDED, "b"),
        Entry(Said.RESUMED, "b"),
        Entry(Said.ERASED, "c"),
    )
    content = replace(OURS, entries=entries)
    assert read(written(content)) == content
    assert set(standing(entries).values()) == {entries[0], entries[2], entries[3]}


@pytest.mark.parametrize("raw", [b"\n\n", b"{}\n{}\n", b"not\njson\n", NEWER])
def test_what_is_no_journal_is_not_read_as_one(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        read(raw)


def test_a_line_holds_no_id_and_another_journal_holds_another_line() -> None:
    line = entry(b"one", Said.ENDED, "0123456789abcdef")
    assert "0123456789abcdef" not in line.subject
    assert line != entry(b"two", Said.ENDED, "0123456789abcdef")
    assert line.subject != entry(b"one", Said.ERASED, "0123456789abcdef").subject

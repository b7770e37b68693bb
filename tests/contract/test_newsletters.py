"""Newsletters from a real Dovecot: what is read of them, and that the mailbox stays as it was."""

import imaplib
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

from services.collector.newsletter.intake import MOST_MAILS, Newsletters
from services.collector.record import Status
from shared.sources.catalogue import source_config
from shared.sources.states import State
from tests.contract.post_office import Post, dovecot, passed, post, signer
from tests.dovecot import PASSWORD, USER, Dovecot
from tests.newsletters import READER, SENT, TITLES, a_mail, the_dfki_newsletter

__all__ = ["dovecot", "post", "signer"]


def test_a_newsletter_becomes_its_items_and_the_next_look_brings_nothing(post: Post) -> None:
    post.deliver(passed(the_dfki_newsletter()))
    post.add()
    assert post.poll() is Status.READ
    assert set(post.bench.live()) == set(TITLES)
    assert post.bench.row("dfki").state == State.OK
    assert post.poll() is Status.NOT_MODIFIED
    assert len(post.bench.published()) == 3


def test_the_mailbox_stays_as_it_was(post: Post) -> None:
    post.deliver(passed(the_dfki_newsletter()))
    before = post.dovecot.files(post.folder)
    post.add()
    post.poll()
    post.poll()
    assert post.dovecot.files(post.folder) == before  # no flag in the name of the file, nothing moved to `cur`
    assert all("S" not in name.partition(":2,")[2] for name in post.dovecot.files(post.folder))


def test_only_what_came_since_is_fetched(post: Post) -> None:
    post.deliver(passed(the_dfki_newsletter()))
    post.add()
    post.poll()
    fetched = post.dovecot.log.count("body_count=1")
    post.deliver(passed(a_mail(text="Etwas ganz anderes.", id_="2@dfki.de", subject="Neuer Standort in Bremen")))
    assert post.poll() is Status.READ
    assert "Neuer Standort in Bremen" in post.titles()
    assert len(post.bench.published()) == 4
    assert post.dovecot.logged("body_count=1", fetched + 1)


def test_new_numbers_bring_nothing_twice_and_hide_nothing(post: Post) -> None:
    post.deliver(passed(the_dfki_newsletter()))
    others = [
        post.deliver(passed(a_mail(text="Text.", id_=f"o{n}@dfki.de", subject=f"Meldung Nummer {n} heute")))
        for n in range(3)
    ]
    post.add()
    post.poll()
    before = post.bench.row("dfki").etag
    post.dovecot.remove(*others)
    post.dovecot.number_anew(post.folder)
    post.deliver(passed(a_mail(text="Etwas ganz anderes.", id_="2@dfki.de", subject="Neuer Standort in Bremen")))
    post.poll()
    assert post.bench.row("dfki").etag != before
    assert "Neuer Standort in Bremen" in post.titles()  # although its number is one that was read before
    assert len(post.bench.published()) == 3 + 3 + 1


def test_of_a_full_folder_the_newest_are_read_and_later_nothing_is_left_out(post: Post) -> None:
    def numbered(number: int) -> bytes:
        return passed(
            a_mail(
                text=f"Text Nummer {number}.", id_=f"{number}@dfki.de", subject=f"Meldung Nummer {number} heute"
            )
        )

    for number in range(MOST_MAILS + 5):
        post.deliver(numbered(number))
    post.add()
    post.poll()
    assert len(post.titles()) == MOST_MAILS
    assert f"Meldung Nummer {MOST_MAILS + 4} heute" in post.titles()
    for number in range(1000, 1000 + MOST_MAILS + 5):
        post.deliver(numbered(number))
    post.poll()
    post.poll()
    assert len(post.titles()) == 2 * MOST_MAILS + 5


def test_the_same_mail_twice_is_one(post: Post) -> None:
    post.deliver(passed(the_dfki_newsletter()))
    post.add()
    post.poll()
    post.deliver(passed(the_dfki_newsletter()))
    post.poll()
    assert len(post.bench.published()) == 3


def test_first_newsletters_enter_as_backfill_and_later_ones_are_live(post: Post) -> None:
    post.deliver(passed(the_dfki_newsletter(sent=SENT - timedelta(days=30))))
    post.add()
    post.poll()
    assert (post.bench.live(), set(post.bench.bulk())) == ([], set(TITLES))
    post.bench.clock.advance(hours=3)
    late = SENT + timedelta(hours=3)
    post.deliver(passed(a_mail(text="Heute.", id_="2@dfki.de", subject="Neuer Standort in Bremen", sent=late)))
    post.poll()
    assert post.bench.live() == ["Neuer Standort in Bremen"]


def test_an_empty_folder_is_empty_and_not_red(post: Post) -> None:
    post.add()
    assert post.poll() is Status.READ
    assert post.bench.row("dfki").state == State.EMPTY
    assert post.poll() is Status.NOT_MODIFIED


def test_a_refused_login_is_blocked_and_tells_no_password(post: Post) -> None:
    wrong = post.dovecot.url.replace("G%C3%A4nse", "Enten")
    post.add()
    assert post.poll(replace(post.settings, mailboxes=wrong)) is Status.FAILED
    row = post.bench.row("dfki")
    assert (row.state, row.trouble) == (State.BLOCKED, "blocked")
    assert "refused the login" in str(row.last_error)
    assert "ttern" not in str(row.last_error)
    assert "VIGIE_MAILBOXES" in str(row.last_error)


def test_a_folder_that_is_not_there_fails_and_is_well_again_once_it_is(post: Post) -> None:
    post.add(folder="Nirgends")
    post.poll()
    assert post.bench.row("dfki").state == State.FAILING
    assert "has no folder 'Nirgends'" in str(post.bench.row("dfki").last_error)
    post.deliver(passed(the_dfki_newsletter()))
    post.change()
    assert post.poll() is Status.READ
    assert post.bench.row("dfki").state == State.OK


def test_a_certificate_that_nobody_knows_is_not_accepted(post: Post) -> None:
    post.add()
    post.poll(replace(post.settings, ca_file=None))
    assert post.bench.row("dfki").trouble == "tls"
    assert "no secure connection" in str(post.bench.row("dfki").last_error)


def test_starttls_comes_before_the_password(post: Post) -> None:
    url = post.dovecot.url.replace("imaps://", "imap://").replace(
        str(post.dovecot.tls_port), str(post.dovecot.plain_port)
    )
    post.deliver(passed(the_dfki_newsletter()))
    post.add(unproven="the test")
    assert post.poll(replace(post.settings, mailboxes=url)) is Status.READ


def test_a_server_without_tls_gets_no_password_unless_it_is_this_machine_and_allowed(post: Post) -> None:
    with Dovecot(tls="no") as plain:
        plain.make(post.folder)
        plain.deliver(the_dfki_newsletter(), post.folder)
        url = plain.url.replace("imaps://", "imap://").replace(str(plain.tls_port), str(plain.plain_port))
        post.add(unproven="the test")
        bare = replace(post.settings, mailboxes=url)
        post.poll(bare)
        assert "gets no password without" in str(post.bench.row("dfki").last_error)
        assert "Login" not in plain.log
        post.poll(replace(bare, allowed_networks=(ip_network("127.0.0.0/8"),)))
        assert post.titles() == set(TITLES)


def test_a_server_that_is_away_is_said_and_what_came_meanwhile_is_read(post: Post) -> None:
    post.add()
    post.poll(replace(post.settings, mailboxes="imaps://presse:x@127.0.0.1:1"))
    row = post.bench.row("dfki")
    assert (row.trouble, row.state) == ("connect", State.FAILING)
    post.deliver(passed(the_dfki_newsletter()))
    post.poll()
    assert post.titles() == set(TITLES)


def test_a_mailbox_that_is_not_set_waits_and_says_which(post: Post) -> None:
    post.add(account="news")
    post.poll()
    row = post.bench.row("dfki")
    assert (row.state, row.trouble) == (State.NEW, "waits")
    assert "no mailbox 'news' is set" in str(row.last_error)


def test_nothing_that_names_the_reader_leaves_the_mailbox(post: Post) -> None:
    post.deliver(passed(the_dfki_newsletter()))
    post.add()
    post.poll()
    for item in post.bench.published():
        said = item.model_dump_json()
        assert READER not in said
        assert "1.2026@dfki.de" not in said
        assert "aB3xK9qLm27Zt4Vw" not in said
        assert "utm_" not in said
    assert post.bench.site.answers("/") == []


def test_our_own_look_at_dovecot_agrees_that_nothing_is_seen(post: Post) -> None:
    post.deliver(passed(the_dfki_newsletter()))
    post.add()
    post.poll()
    context = ssl.create_default_context(cafile=str(post.dovecot.authority.file))
    with imaplib.IMAP4_SSL("127.0.0.1", post.dovecot.tls_port, ssl_context=context) as look:
        look.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        look.select(post.folder, readonly=True)
        assert look.search(None, "UNSEEN")[1] == [b"1"]
        assert look.search(None, "RECENT")[1] == [b"1"]


def test_all_that_came_while_the_server_was_away_is_read_and_mailed(post: Post) -> None:
    post.add()
    post.poll()
    for number in range(MOST_MAILS + 3):
        post.deliver(
            passed(a_mail(text="Neu.", id_=f"{number}@dfki.de", subject=f"Meldung Nummer {number} heute"))
        )
    post.poll(replace(post.settings, mailboxes="imaps://presse:x@127.0.0.1:1"))
    assert post.bench.row("dfki").trouble == "connect"
    post.poll()
    post.poll()
    assert len(post.bench.live()) == MOST_MAILS + 3


def test_a_source_is_well_again_when_its_mailbox_answers_though_nothing_came(post: Post) -> None:
    post.deliver(passed(the_dfki_newsletter()))
    post.add()
    post.poll()
    for _ in range(5):
        post.poll(replace(post.settings, mailboxes="imaps://presse:x@127.0.0.1:1"))
    assert post.bench.row("dfki").state == State.FAILING
    assert post.poll() is Status.UNCHANGED
    assert (post.bench.row("dfki").state, post.bench.row("dfki").trouble) == (State.OK, None)
    assert len(post.bench.published()) == 3


def test_a_mailbox_is_looked_into_often_and_left_alone_after_a_failure(post: Post) -> None:
    post.add()
    post.poll()
    assert post.bench.row("dfki").next_due == post.bench.clock.now() + timedelta(minutes=5)
    post.poll(replace(post.settings, mailboxes=post.dovecot.url.replace("G%C3%A4nse", "Enten")))
    row = post.bench.row("dfki")
    assert row.next_due is not None
    assert row.next_due - post.bench.clock.now() > timedelta(hours=5)


class Refusing(StreamRequestHandler):
    """A mail server whose directory of users is away."""

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        while line := self.rfile.readline():
            tag, command = line.split()[:2]
            if command == b"CAPABILITY":
                self.wfile.write(b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n")
            elif command == b"LOGIN":
                self.wfile.write(tag + b" NO [UNAVAILABLE] Temporary authentication failure.\r\n")
            else:
                self.wfile.write(b"* BYE\r\n" + tag + b" OK done\r\n")


def test_a_server_that_cannot_ask_for_passwords_right_now_has_refused_none(post: Post) -> None:
    post.add()
    with ThreadingTCPServer(("127.0.0.1", 0), Refusing) as server:
        Thread(target=server.serve_forever).start()
        here = ip_network("127.0.0.0/8")
        url = f"imap://presse:secret@127.0.0.1:{server.server_address[1]}"
        post.poll(replace(post.settings, mailboxes=url, allowed_networks=(here,)))
        server.shutdown()
    row = post.bench.row("dfki")
    assert (row.trouble, "takes nobody in for now" in str(row.last_error)) == ("busy", True)


def test_many_sources_of_one_mailbox_wait_for_each_other(post: Post) -> None:
    rules = {"senders": ["@dfki.de"], "folder": post.folder}
    source = source_config(
        {"id": "a", "kind": "mailbox", "url": "https://www.example.org/", "mailbox": rules}, "test"
    )
    with Dovecot(connections=2) as narrow:
        narrow.make(post.folder)
        narrow.deliver(passed(the_dfki_newsletter()), post.folder)
        url = f"{narrow.url}?authserv=mx.example.org"
        read = Newsletters(replace(post.settings, mailboxes=url, ca_file=narrow.authority.file), post.signer.dns)
        with ThreadPoolExecutor(8) as pool:
            asked = [pool.submit(read.read, source, None, post.bench.clock.now()) for _ in range(8)]
            assert [len(each.result().feed.entries) for each in asked] == [3] * 8


def test_a_folder_has_the_name_that_people_see(post: Post) -> None:
    post.dovecot.make("Z&APw-rich")  # how servers write Zürich
    post.dovecot.deliver(passed(the_dfki_newsletter()), "Z&APw-rich")
    post.add(folder="Zürich")
    assert post.poll() is Status.READ
    assert post.titles() == set(TITLES)

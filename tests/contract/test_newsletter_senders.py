"""Whose mails a source takes: the senders on its list, once it is proven that they are theirs."""

from datetime import timedelta

import pytest

from services.collector.record import Status
from shared.sources.refusals import Refusals
from shared.sources.states import State
from shared.watched.cover import Unwatched, gaps
from shared.watched.rules import Why
from shared.watched.spans import spans, watches
from tests.contract.post_office import AUTHSERV, PASSED, Post, dovecot, passed, post, signer
from tests.newsletters import SENT, TEASERS, TITLES, a_mail, the_dfki_newsletter

__all__ = ["dovecot", "post", "signer"]


def test_a_signature_of_the_sender_s_domain_is_proof(post: Post) -> None:
    post.deliver(post.signer.sign(the_dfki_newsletter(), "dfki.de"))
    post.add()
    post.poll()
    assert post.titles() == set(TITLES)


@pytest.mark.parametrize("what", ["nothing", "another domain", "changed", "a part", "no sender", "another server"])
def test_a_mail_that_nobody_proves_is_refused_and_said(post: Post, what: str) -> None:
    mail = the_dfki_newsletter()
    match what:
        case "another domain":
            mail = post.signer.sign(mail, "stranger.example")
        case "changed":
            mail = post.signer.sign(mail, "dfki.de").replace(b"Offene", b"Falsche")
        case "a part":
            mail = post.signer.sign(mail, "dfki.de", length=True) + b"<p>More</p>"
        case "another server":
            mail = b"Authentication-Results: evil.example; dkim=pass header.d=dfki.de\r\n" + mail
        case "no sender":
            mail = the_dfki_newsletter().replace(b"From:", b"From: Wer <wer@stranger.example>\nFrom:", 1)
    post.deliver(mail)
    post.add()
    post.poll()
    assert post.titles() == set()
    (refusal,) = post.refusals().mails if what != "no sender" else (None,)
    if refusal is not None:
        assert refusal.subject == "Newsletter März 2026"
        assert "nobody proves that it is of dfki.de" in refusal.why


def test_a_mail_that_is_refused_is_a_gap_and_one_of_a_stranger_is_none(post: Post) -> None:
    clock = post.bench.clock

    def found() -> list[tuple[Why, str]]:
        with post.bench.store.reading() as session:
            since, over = watches(session)["dfki"], spans(session, begun).get("dfki", ())
            said = gaps("dfki", since, over, begun, clock.now())
        assert not isinstance(said, Unwatched)
        return [(gap.why, gap.words) for gap in said]

    post.add()
    post.poll()
    begun = clock.now()
    clock.advance(minutes=1)
    post.deliver(the_dfki_newsletter().replace(b"@dfki.de", b"@stranger.example"))
    post.poll()
    assert found() == []
    post.deliver(the_dfki_newsletter())
    clock.advance(minutes=1)
    post.poll()
    clock.advance(minutes=1)
    post.poll()
    ((why, words),) = found()
    assert why is Why.REFUSED
    assert "nobody proves that it is of dfki.de" in words


def test_results_that_the_sender_wrote_below_the_server_s_are_not_believed(post: Post) -> None:
    forged = f"Authentication-Results: {PASSED}\n".encode() + the_dfki_newsletter()
    ours = f"Authentication-Results: {AUTHSERV}; dkim=none\nReceived: from x by {AUTHSERV}; Mon, 2 Mar 2026\n"
    post.deliver(ours.encode() + forged)
    post.add()
    post.poll()
    assert post.titles() == set()
    assert f"{AUTHSERV} does not vouch for it" in post.why()


def test_a_dispatcher_signs_for_whom_the_operator_names_and_old_mails_are_read_again(post: Post) -> None:
    post.deliver(post.signer.sign(the_dfki_newsletter(), "dispatcher.example"))
    post.add()
    post.poll()
    assert post.titles() == set()
    assert "`signers`" in post.why()
    post.change(signers=["dispatcher.example"])
    post.poll()
    assert post.titles() == set(TITLES)
    assert not post.refusals()


def test_a_reason_takes_what_nobody_proves(post: Post) -> None:
    post.deliver(the_dfki_newsletter())
    post.add(unproven="our own server sorts into this folder")
    post.poll()
    assert post.titles() == set(TITLES)


def test_while_the_dns_does_not_answer_a_mail_waits_and_is_not_refused(post: Post) -> None:
    post.deliver(post.signer.sign(the_dfki_newsletter(), "dfki.de"))
    post.add()
    post.signer.answers = False
    assert post.poll() is Status.FAILED
    assert (post.bench.row("dfki").trouble, post.refusals()) == ("dns", Refusals())
    post.signer.answers = True
    assert post.poll() is Status.READ
    assert post.titles() == set(TITLES)
    assert post.bench.row("dfki").state == State.OK


def test_mails_of_others_are_counted_and_not_fetched(post: Post) -> None:
    for number in range(3):
        post.deliver(a_mail(text="Privat", sender="jemand@stranger.example", id_=f"{number}@x", subject="Geheim"))
    post.deliver(passed(the_dfki_newsletter()))
    post.add()
    post.poll()
    (others,) = post.refusals().others
    assert (others.domain, others.mails) == ("stranger.example", 3)
    assert "Geheim" not in str(post.bench.row("dfki").refusals)
    assert post.titles() == set(TITLES)


def test_the_subject_chooses(post: Post) -> None:
    post.deliver(passed(the_dfki_newsletter()))
    post.deliver(passed(a_mail(text="Der Saal ist belegt.", id_="2@dfki.de", subject="Raumplan")))
    post.add(subject="^Newsletter")
    post.poll()
    assert post.titles() == set(TITLES)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Bitte bestätigen Sie Ihre Anmeldung zum Newsletter", "https://www.dfki.de/nl/aB3xK9qLm27Zt4Vw"),
        ("Confirm your subscription", "Click: https://www.dfki.de/nl/aB3xK9qLm27Zt4Vw"),
        ("Confirmez votre inscription", "Cliquez : https://www.dfki.de/nl/aB3xK9qLm27Zt4Vw"),
        (
            "Ihre Anmeldung beim Zentrum",
            "Ein Klick fehlt: https://www.dfki.de/newsletter/confirm/aB3xK9qLm27Zt4Vw",
        ),
        ("Willkommen", "Bitte bestätigen Sie noch Ihre E-Mail-Adresse: https://www.dfki.de/nl/17"),
    ],
)
def test_a_mail_that_asks_to_confirm_is_said_and_never_an_item(post: Post, subject: str, text: str) -> None:
    post.deliver(passed(a_mail(text=text, subject=subject)))
    post.add()
    post.poll()
    assert post.titles() == set()
    assert "a person must look at it in the mailbox" in post.why()
    assert post.bench.site.answers("/") == []


def test_news_of_a_registration_that_was_confirmed_is_news(post: Post) -> None:
    text = "Die Anmeldung zur Sommerschule ist offen; die Plätze werden im Mai bestätigt, wie jedes Jahr."
    post.deliver(passed(a_mail(text=text, subject="Sommerschule in Saarbrücken")))
    post.add()
    post.poll()
    assert post.titles() == {"Sommerschule in Saarbrücken"}


def test_press_contacts_in_a_mail_are_cut_as_in_a_feed(post: Post) -> None:
    contact = "Pressekontakt:\nTeam Kommunikation\nTel. +49 631 20575 1710\npresse@dfki.de\n"
    text = f"{TEASERS[0]}\n\n{TEASERS[1]}\n\n{contact}"
    post.deliver(passed(a_mail(text=text, subject=TITLES[0])))
    post.add()
    post.poll()
    (item,) = post.bench.published()
    assert item.summary == f"{TEASERS[0]}\n{TEASERS[1]}"


def test_a_mail_that_is_too_large_is_said_and_the_others_are_read(post: Post) -> None:
    post.deliver(passed(a_mail(text="x" * 80 + "\n" + "y" * 10_500_000, id_="big@dfki.de")))
    post.deliver(passed(the_dfki_newsletter()))
    post.add()
    post.poll()
    assert "larger than 10 MB" in post.why()
    assert post.titles() == set(TITLES)


def test_old_mails_that_other_rules_let_in_mail_nobody_and_are_held_for_nobody(post: Post) -> None:
    old, new = (
        the_dfki_newsletter(sent=SENT - timedelta(days=40)),
        a_mail(text="Heute.", id_="2@dfki.de", subject="Neu"),
    )
    post.add()
    post.deliver(post.signer.sign(old, "dispatcher.example"))
    post.deliver(post.signer.sign(new, "dispatcher.example"))
    post.poll()
    assert post.titles() == set()
    post.change(signers=["dispatcher.example"])
    post.poll()
    assert (post.bench.live(), set(post.bench.bulk())) == (["Neu"], set(TITLES))
    assert post.bench.health("dfki").held == 0

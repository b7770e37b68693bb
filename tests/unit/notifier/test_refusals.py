"""What real relays were heard to say, and what it is about."""

import pytest

from services.notifier.refusals import About, Phase, judge, parsed
from shared.subscriptions.words import Blame

MAIL, RCPT, DATA, END = Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.END


@pytest.mark.parametrize(
    ("phase", "said", "about"),
    [
        # before any recipient is known: every mail's
        (Phase.GREETING, "554 5.7.1 go away", About.US),
        (Phase.GREETING, "535 5.7.8 Error: authentication failed", About.US),
        (Phase.GREETING, "454 4.7.0 TLS not available due to local problem", About.LIMIT),
        (MAIL, "450 4.7.1 Error: too much mail from 192.0.2.1", About.LIMIT),
        (MAIL, "452 4.3.1 Insufficient system storage", About.LIMIT),
        (MAIL, "451 try later", About.LIMIT),
        (MAIL, "530 5.7.0 Must issue a STARTTLS command first", About.US),
        (MAIL, "550 sender not allowed", About.US),
        (MAIL, "553 5.1.8 no such domain", About.US),
        (MAIL, "552 5.3.4 Message size exceeds fixed limit", About.MAIL),
        # the connection's
        (Phase.GREETING, "421 4.7.0 too many connections", About.CONNECTION),
        (MAIL, "421 4.4.2 going away", About.CONNECTION),
        (END, "421 shutting down", About.CONNECTION),
        (MAIL, "452 4.5.3 Too many messages sent", About.CONNECTION),
        (RCPT, "452 4.5.3 Too many recipients", About.CONNECTION),
        # one mistake of ours, three classes
        (RCPT, "454 4.7.1 <leser@example.org>: Relay access denied", About.US),
        (RCPT, "550 relay not permitted", About.US),
        (RCPT, "554 5.7.1 <leser@example.org>: Relay access denied", About.US),
        (RCPT, "550 5.7.1 Relaying denied. Proper authentication required.", About.US),
        (RCPT, "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", About.US),
        (RCPT, "550 Access denied", About.US),
        (RCPT, "554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied", About.US),
        (RCPT, "530 SMTP authentication is required.", About.US),
        (RCPT, "553 5.7.1 Sender address rejected: not owned by user vigie", About.US),
        (RCPT, "550 5.1.8 <vigie@example.org>: Sender address rejected: Domain not found", About.US),
        (RCPT, "550-Verification failed for <vigie@example.org>\n550 Sender verify failed", About.US),
        (RCPT, "450 4.7.1 <mail>: Helo command rejected: Host not found", About.LIMIT),
        # our limits
        (RCPT, "550 5.4.5 Daily user sending limit exceeded", About.US),
        (END, "550-5.4.5 Daily user sending limit exceeded.\n5.4.5 See support.example.org", About.US),
        (END, "554 quota", About.US),
        (END, "550 5.7.1 blocked sender", About.US),
        (RCPT, "550 5.7.1 blocked sender", About.US),
        (END, "454 Throttling failure: Maximum sending rate exceeded.", About.LIMIT),
        (RCPT, "450 4.7.1 Error: too many recipients from 192.0.2.1", About.LIMIT),
        (END, "452 4.3.1 Insufficient system storage", About.LIMIT),
        (RCPT, "451 4.3.0 <leser@example.org>: Temporary lookup failure", About.LIMIT),
        (RCPT, "450 4.3.2 Service currently unavailable", About.LIMIT),
        # this mailbox
        (RCPT, "550 5.1.1 <leser@example.org>: User unknown in local recipient table", About.GONE),
        (RCPT, "550 5.1.1 <leser@example.org>: User unknown in relay recipient table", About.GONE),
        (RCPT, "550 5.1.1 <relay@example.org>: unknown", About.GONE),
        (RCPT, "550 5.1.6 mailbox has moved", About.GONE),
        (RCPT, "550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found", About.GONE),
        (RCPT, "550 5.2.1 The email account that you tried to reach is disabled", About.GONE),
        (END, "550 5.1.1 no such user", About.GONE),
        (RCPT, "550 sorry, no mailbox here by that name (#5.1.1)", About.GONE),
        (RCPT, "450 4.1.1 unverified address: lookup timed out", About.MAILBOX_LATER),
        (RCPT, "550 no such user", About.MAILBOX),
        (RCPT, "550 Unrouteable address", About.MAILBOX),
        (RCPT, "551 moved", About.MAILBOX),
        (RCPT, "550 5.1.2 bad destination system", About.MAILBOX),
        (RCPT, "550 5.0.0 no", About.MAILBOX),
        (END, "552 5.2.2 mailbox full", About.MAILBOX),
        (RCPT, "552 5.2.2 user over quota", About.MAILBOX),
        (RCPT, "552 quota exceeded", About.MAILBOX),
        (RCPT, "550 mailbox quota exceeded", About.MAILBOX),
        (RCPT, "452 4.2.2 The email account is over quota", About.MAILBOX_LATER),
        (RCPT, "450 4.2.1 receiving mail at a rate that prevents additional messages", About.MAILBOX_LATER),
        (RCPT, "450 mailbox busy", About.MAILBOX_LATER),
        # greylisting
        (RCPT, "450 4.2.0 <leser@example.org>: Greylisted, see http://relay.example.org/help", About.GREYLISTED),
        (RCPT, "450 4.2.0 try again", About.GREYLISTED),
        (RCPT, "451 4.7.1 Greylisting in action, please come back in 00:05:00", About.GREYLISTED),
        (RCPT, "450 Graylisted, try later", About.GREYLISTED),
        # this mail
        (END, "552 5.3.4 Message too big for system", About.MAIL),
        (END, "552 message size exceeds fixed limit", About.MAIL),
        (END, "554 spam", About.MAIL),
        (END, "550 5.6.0 malformed", About.MAIL),
        (DATA, "554 5.5.1 Error: no valid recipients", About.MAIL),
        (DATA, "451 try later", About.MAIL_LATER),
        (END, "451 4.7.1 Try again later", About.MAIL_LATER),
    ],
)
def test_what_a_relay_says_is_about(phase: Phase, said: str, about: About) -> None:
    assert judge(phase, parsed(int(said[:3]), said[4:])) is about


@pytest.mark.parametrize("about", About)
def test_every_class_has_its_blame(about: About) -> None:
    assert about.blame is not Blame.NOBODY
    assert not about.permanent or about.blame in (Blame.MAILBOX, Blame.MAIL)

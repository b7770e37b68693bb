"""Mails that come back, in the shapes that real mail servers give them. Texts and hosts are ours."""

from dataclasses import dataclass
from typing import Final

from shared.mail_names import bounce_address
from shared.subscriptions.keys import Keys
from shared.subscriptions.links import bounce_token
from tests.mailing import KEYS

UNKNOWN: Final = "550 5.1.1 <weg@example.org>: Recipient address rejected: User unknown"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a server reports: `status` is the delivery status, `original` the type in which ours comes back."""

    kind: str
    headers: str
    text: str
    status: str
    original: str = "message/rfc822"

    def of(self, mail: bytes, to: str = "vigie@example.org") -> bytes:
        """The report that this mail of ours came back to this address."""
        ours = mail.decode("ascii").replace("\r\n", "\n")
        if self.original != "message/rfc822":
            ours = ours.partition("\n\n")[0] + "\n"
        return f"""Return-Path: <>
Delivered-To: {to}
Received: by mx.example.org; Mon, 02 Mar 2026 09:00:00 +0000
From: Mail Delivery System <MAILER-DAEMON@mx.example.org>
To: {to}
Subject: Your mail was not delivered
Date: Mon, 02 Mar 2026 09:00:00 +0000
Message-ID: <20260302090000.1@mx.example.org>
{self.headers}MIME-Version: 1.0
Content-Type: {self.kind};
\tboundary="B/1.mx.example.org"

This is a report in parts.

--B/1.mx.example.org
Content-Type: text/plain; charset=us-ascii

{self.text}
--B/1.mx.example.org
Content-Type: message/delivery-status

{self.status}
--B/1.mx.example.org
Content-Type: {self.original}

{ours}
--B/1.mx.example.org--
""".encode()


REPORT: Final = "multipart/report; report-type=delivery-status"
REPLIED: Final = "Auto-Submitted: auto-replied\n"
GENERATED: Final = "Auto-Submitted: auto-generated (failure)\n"


def _postfix(status: str, diagnostic: str, action: str = "failed", more: str = "") -> Shape:
    text = "This is the mail system at host mx.example.org.\n\nYour message could not be delivered."
    block = f"""Reporting-MTA: dns; mx.example.org
X-Postfix-Queue-ID: 4F2A91
X-Postfix-Sender: rfc822; vigie@example.org
Arrival-Date: Mon,  2 Mar 2026 08:59:00 +0000 (UTC)

Final-Recipient: rfc822; weg@example.org
Original-Recipient: rfc822;weg@example.org
Action: {action}
Status: {status}
Remote-MTA: dns; mailbox.example.org
Diagnostic-Code: {diagnostic}
{more}"""
    return Shape(REPORT, REPLIED, text, block)


def _exim(diagnostic: str, text: str, action: str = "failed", status: str = "5.0.0") -> Shape:
    block = f"""Reporting-MTA: dns; mx.example.org

Action: {action}
Final-Recipient: rfc822;weg@example.org
Status: {status}
{diagnostic}"""
    return Shape(REPORT, REPLIED + "X-Failed-Recipients: weg@example.org\n", text, block)


def _opensmtpd(status: str, text: str, action: str = "failed") -> Shape:
    body = f"    Hi!\n\n    This is the MAILER-DAEMON.\n\n    {text}\n\n    Below is a copy of it:\n"
    block = f"""Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; weg@example.org
Action: {action}
Status: {status}
"""
    return Shape("multipart/mixed", "", body, block)


def _sendmail(status: str, diagnostic: str, action: str = "failed", more: str = "") -> Shape:
    text = "   ----- The following addresses had permanent fatal errors -----\n<weg@example.org>"
    block = f"""Reporting-MTA: dns; mx.example.org
Received-From-MTA: DNS; vigie.example.org
Arrival-Date: Mon, 2 Mar 2026 08:59:00 GMT

Final-Recipient: RFC822; weg@example.org
Action: {action}
Status: {status}
{diagnostic}Last-Attempt-Date: Mon, 2 Mar 2026 09:00:00 GMT
{more}"""
    return Shape(REPORT, GENERATED, text, block)


# shape -> (the report, its verdict, the code that decides)
SHAPES: Final[dict[str, tuple[Shape, str, str]]] = {
    "postfix, unknown": (
        _postfix("5.1.1", f"smtp; {UNKNOWN} in\n    virtual mailbox table"),
        "permanent",
        "5.1.1",
    ),
    "postfix, unknown to itself": (_postfix("5.1.1", 'X-Postfix; unknown user: "weg"'), "permanent", "5.1.1"),
    "postfix, disabled": (_postfix("5.2.1", "smtp; 550 5.2.1 This mailbox is closed"), "permanent", "5.2.1"),
    "postfix, null MX": (_postfix("5.1.10", "smtp; 556 5.1.10 takes no mail"), "permanent", "5.1.10"),
    "postfix, no such domain": (
        _postfix("5.4.4", "X-Postfix; Host or domain name not found. Name\n    service error"),
        "transient",
        "5.4.4",
    ),
    "postfix, expired greylisting": (
        _postfix("4.7.1", "smtp; 450 4.7.1 <weg@example.org>: Greylisted, come\n    back later"),
        "transient",
        "4.7.1",
    ),
    "postfix, expired unreachable": (
        _postfix("4.4.1", "X-Postfix; connect to mx.example.org[192.0.2.1]:25:\n    Connection timed out"),
        "transient",
        "4.4.1",
    ),
    "postfix, full": (_postfix("5.2.2", "smtp; 552 5.2.2 Mailbox is full"), "transient", "5.2.2"),
    "postfix, too big": (_postfix("5.3.4", "smtp; 552 5.3.4 Message is too big"), "transient", "5.3.4"),
    "postfix, blocked": (
        _postfix("5.7.1", "smtp; 550 5.7.1 Client host is on a blocklist"),
        "transient",
        "5.7.1",
    ),
    "postfix, still tries": (
        _postfix(
            "4.4.1",
            "X-Postfix; connect to mx.example.org[192.0.2.1]:25: refused",
            "delayed",
            "Will-Retry-Until: Sat,  7 Mar 2026 08:59:00 +0000 (UTC)\n",
        ),
        "delayed",
        "4.4.1",
    ),
    "postfix, arrived": (_postfix("2.0.0", "smtp; 250 2.0.0 Ok", "delivered"), "nothing", ""),
    "exim, unknown": (
        _exim(f"Remote-MTA: dns; mailbox.example.org\nDiagnostic-Code: smtp; {UNKNOWN}\n", ""),
        "permanent",
        "5.1.1",
    ),
    "exim, unknown in several lines": (
        _exim("Diagnostic-Code: smtp; 550-The mailbox that you wrote to\n 550 5.1.1 is not here\n", ""),
        "permanent",
        "5.1.1",
    ),
    "exim, unknown without a code": (_exim("Diagnostic-Code: smtp; 550 Unknown user\n", ""), "permanent", "5.0.0"),
    "exim, refused without a code": (_exim("Diagnostic-Code: smtp; 550 Not today\n", ""), "transient", "5.0.0"),
    "exim, no such domain": (
        _exim("", "A message could not be delivered.\n\n  weg@weg.example\n    Unrouteable address\n"),
        "transient",
        "5.0.0",
    ),
    "exim, expired": (
        _exim("Diagnostic-Code: smtp; 451 Temporary local problem\n", "    retry timeout exceeded\n"),
        "transient",
        "4.0.0",
    ),
    "exim, still tries": (
        _exim("", "No action is required on your part.\n", "delayed", "4.0.0"),
        "delayed",
        "4.0.0",
    ),
    "opensmtpd, unknown": (_opensmtpd("5.0.0", f"weg@example.org: {UNKNOWN}"), "permanent", "5.1.1"),
    "opensmtpd, full": (_opensmtpd("5.0.0", "weg@example.org: 552 5.2.2 full"), "transient", "5.2.2"),
    "opensmtpd, no such domain": (
        _opensmtpd("5.0.0", "weg@example.org: No MX found for domain"),
        "transient",
        "5.0.0",
    ),
    "opensmtpd, gave up": (
        _opensmtpd("4.4.7", "weg@example.org: Envelope expired", "delayed"),
        "transient",
        "4.4.7",
    ),
    "opensmtpd, still tries": (_opensmtpd("4.0.0", "weg@example.org: 451 later", "delayed"), "delayed", "4.0.0"),
    "sendmail, unknown": (_sendmail("5.1.1", f"Diagnostic-Code: SMTP; {UNKNOWN}\n"), "permanent", "5.1.1"),
    "sendmail, relay denied, of which it makes 5.1.1": (
        _sendmail("5.1.1", "Diagnostic-Code: SMTP; 550 Relaying denied\n"),
        "transient",
        "5.0.0",
    ),
    "sendmail, expired": (
        _sendmail("4.4.7", "Diagnostic-Code: SMTP; 451 4.3.0 come back later\n"),
        "transient",
        "4.3.0",
    ),
    "sendmail, still tries": (
        _sendmail("4.4.7", "", "delayed", "Will-Retry-Until: Sat, 7 Mar 2026 08:59:00 GMT\n"),
        "delayed",
        "4.4.7",
    ),
    "a code of one class with an answer of the other": (
        _postfix("5.0.0", "smtp; 550 4.4.7 queue expired"),
        "transient",
        "4.4.7",
    ),
}


def signed(delivery: str, keys: Keys = KEYS) -> str:
    """The address that a mail comes back to."""
    return bounce_address("bounces+@example.org", bounce_token(keys, delivery))


def returned(shape: Shape, delivery: str, *, keys: Keys = KEYS, carried: bool = True) -> bytes:
    """A report about this mail; with `carried` its Message-ID comes back, too."""
    mail = f"Message-ID: <{delivery}@example.org>\r\n\r\nNews.\r\n" if carried else "Subject: News\r\n\r\n"
    return shape.of(mail.encode(), signed(delivery, keys))


ADDRESSED: Final = "Return-Path: <>\nTo: {to}\nSubject: Re: news\n"
NO_BOUNCES: Final = {
    "a vacation answer": ADDRESSED + "Auto-Submitted: auto-replied (vacation)\n\nI am away, 550 5.1.1.\n",
    "what pigeonhole says when a reader's rule rejects": ADDRESSED
    + """Auto-Submitted: auto-replied (rejected)
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary="b"

--b
Content-Type: text/plain

Your message was automatically rejected.
--b
Content-Type: message/disposition-notification

Final-Recipient: rfc822; leser@example.org
Disposition: automatic-action/MDN-sent-automatically; deleted
--b
Content-Type: message/rfc822

{mail}
--b--
""",
    "a reader's letter": "Return-Path: <leser@example.org>\nTo: {to}\nSubject: Thanks\n\n550 5.1.1 is nice.\n",
}


def complaint(mail: bytes, to: str = "abuse@example.org", kind: str = "abuse", hidden: bool = False) -> bytes:
    """A report of RFC 5965; providers like to hide the recipient."""
    ours = mail.decode("ascii").replace("\r\n", "\n")
    if hidden:
        ours = ours.replace("leser@example.org", "redacted@example.net")
    return f"""Return-Path: <feedback@provider.example.org>
From: feedback@provider.example.org
To: {to}
Subject: FW: news
Auto-Submitted: auto-generated (report)
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="=-f"

--=-f
Content-Type: text/plain

A reader reports this mail.
--=-f
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Loop/1.0
Version: 1
Original-Mail-From: <{to}>
--=-f
Content-Type: message/rfc822

{ours}
--=-f--
""".encode()

"""What a mail says of one of ours: the shapes of real servers, and any bytes at all."""

from dataclasses import replace
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.notifier.bounces.mailbox_file import mails_of
from services.notifier.bounces.parts import read_mail
from services.notifier.bounces.read import Bounce, read_bounce
from services.notifier.bounces.status import Verdict
from shared.mail_names import bounce_address
from shared.subscriptions.links import bounce_token, bounced_mail, leaves
from tests.bounced import NO_BOUNCES, SHAPES, complaint
from tests.mailing import KEYS, LINKS

ID: Final = "0123456789abcdef0123456789abcdef"
TOKEN: Final = bounce_token(KEYS, ID)
TO: Final = bounce_address("bounces+@example.org", TOKEN)
MAIL: Final = (
    f"From: Vigie <vigie@example.org>\r\nTo: leser@example.org\r\nMessage-ID: <{ID}@example.org>\r\n"
    f"List-Unsubscribe: <{LINKS.leave_mail('de', ID, 'ab12')}>\r\n\r\n550 5.1.1 is what a story may say.\r\n"
).encode()


@pytest.mark.parametrize("shape", SHAPES)
def test_a_report_of_a_real_server_is_read_right(shape: str) -> None:
    report, verdict, code = SHAPES[shape]
    bounce = read_bounce(report.of(MAIL))
    assert (bounce.verdict, bounce.code or "") == (verdict, code)
    assert "weg@" not in bounce.said


@pytest.mark.parametrize("shape", [name for name, (_, verdict, _code) in SHAPES.items() if verdict != "nothing"])
def test_the_mail_is_found_by_what_we_signed_and_by_its_id(shape: str) -> None:
    bounce = read_bounce(SHAPES[shape][0].of(MAIL, TO))
    assert bounce.tokens == (TOKEN,)
    assert [leaves(link.split(".")[0]).mail for link in bounce.links] == [ID]
    assert bounce.mail == ID


@pytest.mark.parametrize("to", [TO, TO.upper(), f"<{TO}>", f'"Vigie" <{TO}>', f"{TOKEN}@bounces.example.org"])
def test_a_token_is_found_in_whatever_spelling(to: str) -> None:
    bounce = read_bounce(SHAPES["postfix, unknown"][0].of(MAIL, to))
    assert [bounced_mail(KEYS, token) for token in bounce.tokens] == [ID]


@pytest.mark.parametrize("kind", NO_BOUNCES)
def test_what_is_no_bounce_says_nothing(kind: str) -> None:
    mail = NO_BOUNCES[kind].format(to=TO, mail=MAIL.decode())
    assert read_bounce(mail.encode()) == Bounce(Verdict.NOTHING)


def test_the_mail_of_ours_alone_is_no_bounce() -> None:
    assert read_bounce(MAIL).verdict is Verdict.NOTHING


def test_a_bounce_that_somebody_passes_on_says_nothing() -> None:
    bounce = SHAPES["postfix, unknown"][0].of(MAIL)
    assert read_bounce(bounce.replace(b"Return-Path: <>", b"Return-Path: <leser@example.org>")) == Bounce(
        Verdict.NOTHING
    )
    inside = b"From: leser@example.org\nContent-Type: message/rfc822\n\n" + bounce
    assert read_bounce(inside).verdict is Verdict.NOTHING


@pytest.mark.parametrize("sender", ["<>", "<MAILER-DAEMON>", "<MAILER-DAEMON@mx.example.org>"])
def test_no_sender_has_several_spellings(sender: str) -> None:
    bounce = SHAPES["postfix, unknown"][0].of(MAIL).replace(b"Return-Path: <>", f"Return-Path: {sender}".encode())
    assert read_bounce(bounce).verdict is Verdict.PERMANENT


def test_of_several_recipients_the_mildest_counts() -> None:
    shape = SHAPES["postfix, unknown"][0]
    arrived = "\nFinal-Recipient: rfc822; other@example.org\nAction: relayed\nStatus: 2.0.0\n"
    both = replace(shape, status=shape.status + arrived).of(MAIL)
    assert read_bounce(both).verdict is Verdict.NOTHING


def test_a_report_that_comes_back_in_headers_alone_or_within_a_footer_is_read() -> None:
    shape = replace(SHAPES["sendmail, unknown"][0], original="text/rfc822-headers")
    bounce = read_bounce(shape.of(MAIL))
    assert (bounce.verdict, bounce.mail) == (Verdict.PERMANENT, ID)
    head, _, body = shape.of(MAIL).partition(b"MIME-Version")
    wrapped = (
        head
        + b"Content-Type: multipart/mixed; boundary=outer\n\n--outer\nMIME-Version"
        + body
        + b"\n--outer\nContent-Type: text/plain\n\n-- \nA list.\n--outer--\n"
    )
    assert read_bounce(wrapped).code == "5.1.1"


def test_a_complaint_is_known_by_its_type_and_by_its_mail() -> None:
    bounce = read_bounce(complaint(MAIL, TO, hidden=True))
    assert (bounce.verdict, bounce.code, bounce.tokens, bounce.mail) == (Verdict.COMPLAINT, None, (TOKEN,), ID)
    assert read_bounce(complaint(MAIL, TO, kind="not-spam")).verdict is Verdict.NOTHING
    assert read_bounce(complaint(MAIL, TO, kind="auth-failure")).verdict is Verdict.NOTHING


def test_a_part_may_be_encoded_and_lines_end_in_either_way() -> None:
    mail = SHAPES["exim, unknown"][0].of(MAIL)
    assert read_bounce(mail.replace(b"\n", b"\r\n")) == read_bounce(mail)
    encoded = mail.replace(
        b"Content-Type: message/delivery-status\n",
        b"Content-Type: message/delivery-status\nContent-Transfer-Encoding: quoted-printable\n",
    ).replace(b"Status: 5.0.0", b"Status: 5.0=2E0")
    assert read_bounce(encoded).code == "5.1.1"


def test_a_mailbox_file_has_many_mails_and_a_mail_is_one() -> None:
    bounces = [SHAPES[name][0].of(MAIL) for name in ("postfix, unknown", "exim, expired")]
    line = b"From MAILER-DAEMON  Mon Mar  2 09:00:00 2026\n"
    mbox = b"".join(line + bounce + b"\n" for bounce in bounces)
    assert [read_bounce(mail).verdict for mail in mails_of(mbox)] == ["permanent", "transient"]
    assert mails_of(bounces[0]) == (bounces[0],)
    assert mails_of(b"") == (b"",)


# ---- any bytes

SAMPLES: Final = [shape.of(MAIL, TO) for shape, _, _ in SHAPES.values()] + [complaint(MAIL, TO)]


@given(st.binary(max_size=2000))
@settings(max_examples=200)
def test_any_bytes_are_read(raw: bytes) -> None:
    assert read_bounce(raw).verdict in Verdict
    assert b"".join(mails_of(raw)) == raw


@given(st.sampled_from(SAMPLES), st.data())
@settings(max_examples=150)
def test_a_damaged_report_is_read_as_far_as_it_goes(sample: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(sample)))
    end = data.draw(st.integers(start, min(len(sample), start + 200)))
    raw = sample[:start] + data.draw(st.binary(max_size=40)) + sample[end:]
    bounce = read_bounce(raw)
    assert all(bounced_mail(KEYS, token) in (ID, None) for token in bounce.tokens)


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/a; boundary=b\n\n" + b"--b\nContent-Type: multipart/a; boundary=b\n\n" * 9999,
        b"Content-Type: multipart/report; boundary=b\n\n" + b"--b\n\n\n" * 99999,
        b"\n" * 2_000_000,
        b"X: " + b"a@" * 500_000,
        b"X:\n " * 400_000,
        b"Content-Type: multipart/report; boundary=b\n\n--b\n\n" + b"a@" * 400_000
        + b"\n--b\nContent-Type: message/delivery-status\n\nAction: failed\nStatus: 5.0.0\n",
        b"Content-Type: message/delivery-status\n\nAction: failed\nDiagnostic-Code: smtp; 550 " + b"a@" * 400_000,
        b"Content-Type: message/delivery-status\n\nAction: failed\nDiagnostic-Code: smtp" + b" " * 900_000 + b"x",
        b"Content-Type: message/delivery-status\n\n" + b"Action: failed\n\n" * 200_000,
        b"Content-Type: message/delivery-status\n\nAction: failed\nDiagnostic-Code: 550 u " + b"user " * 200_000,
    ],
    ids=range(10),
)  # fmt: skip
@pytest.mark.timeout(20)
def test_what_is_made_to_take_long_takes_little(raw: bytes) -> None:
    assert read_bounce(raw).verdict in Verdict


@example(b"\nbody")
@example(b"\r\n\r\n")
@given(st.binary(max_size=200))
@settings(max_examples=50)
def test_a_mail_without_headers_has_a_body(raw: bytes) -> None:
    part = read_mail(b"\n" + raw)
    assert part.headers == ()

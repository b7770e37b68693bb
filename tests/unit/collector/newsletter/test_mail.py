"""The bytes of a mail to its words: encodings, charsets, headers of every kind, and no mail that stops us."""

import time
from email.message import EmailMessage
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collector.newsletter.mail import looks_like_mail, read_mail
from services.collector.newsletter.read import read_newsletter
from shared.errors import BadInput
from tests.newsletters import READER, SENT, TEASERS, TITLES, a_mail, the_dfki_newsletter

WORDS: Final = "Größe, Qualität – „Prüfung“ für 20 € & Cœur"


def with_body(body: bytes, content_type: str, encoding: str = "8bit") -> bytes:
    head = (
        f"From: newsletter@dfki.de\r\nTo: {READER}\r\nSubject: Newsletter\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    )
    return head.encode("ascii") + body


@pytest.mark.parametrize(
    ("charset", "said"),
    [
        ("utf-8", "utf-8"),
        ("cp1252", "iso-8859-1"),  # what many programs call so
        ("cp1252", "windows-1252"),
        ("utf-8", "iso-8859-1"),  # a claim that the bytes refute
        ("utf-8", "x-unknown-8bit"),
        ("utf-8", ""),
        ("cp1252", "utf-8"),
    ],
)
def test_a_charset_is_a_claim(charset: str, said: str) -> None:
    content_type = f'text/plain; charset="{said}"' if said else "text/plain"
    assert read_mail(with_body(WORDS.replace("Cœur", "Herz").encode(charset), content_type)).text.strip() == (
        WORDS.replace("Cœur", "Herz")
    )


def test_quoted_printable_with_soft_line_breaks_within_a_character() -> None:
    body = b"Pr=C3=\r\n=BCfung der Qualit=C3=A4t=\r\n und mehr"
    assert (
        read_mail(with_body(body, "text/plain; charset=utf-8", "quoted-printable")).text
        == "Prüfung der Qualität und mehr"
    )


def test_base64_that_is_broken_off_is_read_as_far_as_it_goes() -> None:
    body = b"R3LDtsOfZSB1bmQgUXVhbGl0w6R0IGRlciBBcmJlaXQ"
    assert read_mail(with_body(body, "text/plain; charset=utf-8", "base64")).text.startswith("Größe und Qualität")


@pytest.mark.parametrize(
    ("written", "subject"),
    [
        (b"=?utf-8?Q?Pr=C3=BCfung_der_?= =?utf-8?Q?Qualit=C3=A4t?=", "Prüfung der Qualität"),
        (b"=?iso-8859-1?Q?Pr=FCfung?=", "Prüfung"),
        (b"=?utf-8?B?UHLDvGZ1bmc=?=", "Prüfung"),
        ("Prüfung ohne Kodierung".encode(), "Prüfung ohne Kodierung"),
        ("Prüfung auf Latin-1".encode("latin-1"), "Prüfung auf Latin-1"),
        (b"=?x-nowhere?Q?Pr=C3=BCfung?=", "Prüfung"),
        (b"=?utf-8?B?broken===?=", None),
        (b"WG: Fwd: AW: Newsletter", "Newsletter"),
        (b"Eine lange\r\n Zeile", "Eine lange Zeile"),
    ],
)
def test_subjects_in_every_encoding(written: bytes, subject: str | None) -> None:
    mail = read_mail(b"From: newsletter@dfki.de\r\nSubject: " + written + b"\r\n\r\nText")
    assert subject is None or mail.subject == subject


@pytest.mark.parametrize(
    ("written", "sender", "number"),
    [
        ("DFKI <Newsletter@DFKI.de>", "newsletter@dfki.de", 1),
        ("newsletter@dfki.de", "newsletter@dfki.de", 1),
        ('"DFKI, Presse" <presse@dfki.de>', "presse@dfki.de", 1),
        ('"presse@dfki.de" <evil@stranger.example>', "evil@stranger.example", 1),
        ("presse@dfki.de <evil@stranger.example>", "", 2),
        ("a@dfki.de, b@stranger.example", "a@dfki.de", 2),
        ("nobody", "", 0),
    ],
)
def test_the_sender_is_the_address_and_not_the_name(written: str, sender: str, number: int) -> None:
    mail = read_mail(f"From: {written}\r\n\r\nText".encode())
    assert mail.sender == sender or number != 1
    assert (mail.senders == 1) == (number == 1)


def test_two_senders_in_two_fields_are_two() -> None:
    mail = read_mail(b"From: a@stranger.example\r\nFrom: newsletter@dfki.de\r\n\r\nText")
    assert mail.senders == 2


def test_attachments_are_not_read() -> None:
    mail = EmailMessage()
    mail["From"] = "newsletter@dfki.de"
    mail.set_content("Der Text.")
    mail.add_attachment("Die Anlage.", filename="anlage.txt")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="a.pdf")
    assert read_mail(mail.as_bytes()).text.strip() == "Der Text."


def test_what_looks_like_a_mail() -> None:
    assert looks_like_mail(the_dfki_newsletter())
    assert looks_like_mail(b"Received: from x\r\n by y\r\nFrom: a@example.org\r\nDate: x\r\n\r\nText")
    assert not looks_like_mail(b"<?xml version='1.0'?><rss><channel></channel></rss>")
    assert not looks_like_mail(b'{"version": "https://jsonfeed.org/version/1.1", "items": []}')


def test_the_date_is_the_mail_s_and_without_one_when_it_came() -> None:
    (entry,) = read_newsletter(read_mail(a_mail(text=TEASERS[0], sent=None, subject=TITLES[0])), (), SENT).entries
    assert entry.published == SENT
    (none,) = read_newsletter(read_mail(a_mail(text=TEASERS[0], sent=None, subject=TITLES[0]))).entries
    assert none.published is None


def outcome(raw: bytes) -> int | str:
    try:
        return len(read_newsletter(read_mail(raw)).entries)
    except BadInput as error:
        return str(error)


PIECES: Final = st.sampled_from(
    [
        b"From: a@dfki.de\r\n",
        b"Subject: =?utf-8?B?",
        b"Content-Type: multipart/mixed; boundary=x\r\n",
        b"Content-Type: text/html; charset=utf-7\r\n",
        b"Content-Type: message/rfc822\r\n",
        b"Content-Transfer-Encoding: x-uuencode\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"\r\n\r\n",
        b"--x\r\n",
        b"--x--\r\n",
        b"<h2>Ein Titel mit Worten</h2><a href='http://[x/y'>mehr</a>",
        b"<a href='https://click.example/?url=http%3A%2F%2F[%00'>Weiterlesen</a>",
        b"begin 644 x\r\n#86)C\r\n",
        b"\xff\xfe\x00",
    ]
)


@settings(max_examples=300)
@given(st.lists(PIECES | st.binary(max_size=40), max_size=25))
def test_any_bytes_give_entries_or_a_sentence(pieces: list[bytes]) -> None:
    outcome(b"".join(pieces))


def nested(depth: int) -> bytes:
    opening = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth)
    )
    return b"From: a@dfki.de\r\n" + opening + b"\r\nText"


@pytest.mark.parametrize(
    "raw",
    [
        nested(5000),
        b"From: " + b"(" * 200_000 + b"\r\n\r\nText",
        b"From: a@dfki.de\r\nSubject: " + b"=?utf-8?Q?a?= " * 100_000 + b"\r\n\r\nText",
        b"To: " + b"a@example.org, " * 100_000 + b"\r\nFrom: a@dfki.de\r\n\r\n" + b"Zeile\n" * 50_000,
        with_body(b"<table><tr><td>" * 20_000, "text/html"),
        with_body(b"<h2>Ein Titel mit Worten</h2><a href='https://a.example/b'>mehr</a>" * 9_000, "text/html"),
        with_body(b" " * 2_000_000 + b"x", "text/plain"),
        with_body(b"https://a.example/" * 200_000, "text/plain"),
        with_body(b"-" * 1_000_000 + b"x", "text/plain"),
        with_body(b"[1] https://a.example/b\n" * 50_000, "text/plain"),
    ],
    ids=[
        "nested",
        "comments",
        "encoded words",
        "recipients",
        "tables",
        "items",
        "blanks",
        "addresses",
        "rules",
        "notes",
    ],
)
def test_no_mail_keeps_us_for_long(raw: bytes) -> None:
    began = time.process_time()
    outcome(raw)
    assert time.process_time() - began < 10

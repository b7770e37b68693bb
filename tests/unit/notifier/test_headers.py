"""The bytes of headers: what mail providers read, and what nobody can smuggle in."""

import re
from dataclasses import replace

import pytest

from services.notifier.letters import Speaking
from services.notifier.mime import Mail, encoded_subject
from services.notifier.pen import Pen
from shared.errors import Unprocessable
from shared.subscriptions.words import Every, Kind
from tests.unit.notifier.letters import (
    DELIVERY,
    LINKS,
    NOW,
    PERSON,
    TEMPLATES,
    a_confirmation,
    a_digest,
    a_letter,
    an_entry,
    composed,
    read,
)


def header_bytes(mail: Mail, name: str) -> list[bytes]:
    head = mail.as_bytes().partition(b"\r\n\r\n")[0]
    return [line for line in head.split(b"\r\n") if line.lower().startswith(name.lower().encode() + b":")]


def test_the_one_click_headers_survive_byte_for_byte() -> None:
    mail = composed(a_letter())
    url = LINKS.leave_mail("de", DELIVERY, PERSON)
    assert len(url) > 78  # long enough that Python's own package would fold or encode it
    assert header_bytes(mail, "List-Unsubscribe") == [f"List-Unsubscribe: <{url}>".encode()]
    assert header_bytes(mail, "List-Unsubscribe-Post") == [b"List-Unsubscribe-Post: List-Unsubscribe=One-Click"]


def test_the_leave_header_is_as_long_however_many_subscriptions_a_mail_carries() -> None:
    many = tuple(Speaking(f"{n:016x}", f"theme:energy {n}", Every.DAILY) for n in range(200))
    alone, together = composed(a_letter()), composed(a_digest(subscriptions=many))
    assert header_bytes(together, "List-Unsubscribe") == header_bytes(alone, "List-Unsubscribe")
    assert len(header_bytes(together, "List-Unsubscribe")[0]) < 200


def test_answers_go_to_the_sender_or_where_the_settings_say() -> None:
    assert header_bytes(composed(a_letter()), "Reply-To") == [b"Reply-To: Vigie <vigie@example.org>"]
    pen = Pen("vigie@example.org", TEMPLATES, reply_to="Redaktion <redaktion@example.org>")
    elsewhere = pen.write(a_letter(), LINKS, NOW)
    assert header_bytes(elsewhere, "Reply-To") == [b"Reply-To: Redaktion <redaktion@example.org>"]


def test_every_list_mail_says_that_a_machine_sent_it_in_bulk() -> None:
    for letter in (a_letter(), a_digest()):
        message = read(composed(letter))
        assert (message["Auto-Submitted"], message["Precedence"]) == ("auto-generated", "bulk")
        assert re.fullmatch(r"<(instant|digest)\.vigie\.example\.org>", message["List-Id"])


def test_a_confirmation_mail_has_no_list_header() -> None:
    message = read(composed(a_confirmation()))
    assert not [name for name in message if name.startswith("List-")]
    assert message["Precedence"] is None


def test_the_message_id_is_the_delivery_at_our_domain_however_often_it_is_composed() -> None:
    assert header_bytes(composed(a_letter()), "Message-ID") == [f"Message-ID: <{DELIVERY}@example.org>".encode()]
    assert composed(a_letter()) == composed(a_letter())


def test_the_sender_keeps_its_name_in_any_script() -> None:
    message = read(composed(a_letter(), sender="Vigie für Bürger <vigie@example.org>"))
    assert str(message["From"]) == "Vigie für Bürger <vigie@example.org>"
    assert message["To"] == "leser@example.org"


@pytest.mark.parametrize(
    "title",
    [
        "Plain words",
        "Souveraineté numérique : l’Élysée s’engage",
        "Künstliche Intelligenz in der Energiewende: " * 4,
        "=?utf-8?q?not_ours?=",
        "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnungsentwurfsbegründung" * 2,
        "日本語と Français",
    ],
)
def test_a_subject_reads_as_it_was_written(title: str) -> None:
    mail = composed(a_letter(an_entry(title=title)))
    assert all(line.isascii() for line in header_bytes(mail, "Subject"))
    said = str(read(mail)["Subject"])
    whole = " ".join(title.split())
    assert said == whole or (len(whole) > 180 and whole.startswith(said.removesuffix(" …")[:60]))


def test_a_line_break_in_a_title_starts_no_header() -> None:
    mail = composed(a_letter(an_entry(title="News\r\nBcc: victim@example.org\r\n\r\nbody")))
    message = read(mail)
    assert message["Bcc"] is None
    assert str(message["Subject"]) == "News Bcc: victim@example.org body"


@pytest.mark.parametrize(
    "recipient", ["a@example.org\r\nBcc: x@example.org", "a@example.org\n\nbody", "é@example.org"]
)
def test_no_header_takes_what_headers_may_not_hold(recipient: str) -> None:
    with pytest.raises(Unprocessable):
        composed(a_letter(recipient=recipient))


def test_a_subject_of_an_operator_mail_is_flattened() -> None:
    mail = composed(a_letter(kind=Kind.OPERATOR, subject="Two\r\nX-Header: 1", note="Sources are sick."))
    assert str(read(mail)["Subject"]) == "Two X-Header: 1"
    assert read(mail)["X-Header"] is None


def test_a_short_plain_subject_is_not_encoded() -> None:
    assert encoded_subject("Please confirm") == "Please confirm"


def test_the_envelope_is_the_bare_addresses() -> None:
    mail = composed(replace(a_letter(), recipient="leser@example.org"))
    assert (mail.sender, mail.recipient) == ("vigie@example.org", "leser@example.org")

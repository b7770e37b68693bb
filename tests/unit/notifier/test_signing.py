"""Mails that Vigie signs itself: what is covered, what breaks it, and keys that are none."""

import re
import subprocess
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from services.cli import main
from services.notifier.authentication.sample import sample, signed
from services.notifier.authentication.signing import (
    SIGNATURE,
    Signer,
    open_signer,
    signatures,
    signer_of,
)
from services.notifier.outcomes import Sent
from services.notifier.senders import deliveries
from services.notifier.smtp import SmtpRelay
from shared.config import Settings
from shared.errors import ConfigError
from shared.mail_signatures import modulus_of
from tests.unit.notifier.relay import Relay

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def a_key(folder: Path, *options: str, name: str = "dkim.pem") -> Path:
    path = folder / name
    subprocess.run(["openssl", "genrsa", "-out", path, *(options or ("2048",))], check=True, capture_output=True)
    return path


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return open_signer(a_key(tmp_path_factory.mktemp("keys")), "vigie", "example.org")


def a_mail(signer: Signer | None) -> bytes:
    mail = sample(NOW, sender="V <v@example.org>", portal="https://v.example.org", bounces_to="", signer=signer)
    return mail.as_bytes()


def test_both_headers_of_the_one_click_are_covered(signer: Signer) -> None:
    (found,) = signatures(a_mail(signer), lambda _: (signer.record,))
    assert {"from", "subject", "list-unsubscribe", "list-unsubscribe-post"} <= found.covers
    assert (found.domain, found.selector, found.holds) == ("example.org", "vigie", True)
    assert a_mail(signer).startswith(b"DKIM-Signature: ")
    assert a_mail(signer).endswith(a_mail(None))


def test_the_signature_is_what_the_rfc_says_by_openssl_alone(signer: Signer, tmp_path: Path) -> None:
    mail = a_mail(signer)
    head, _, body = mail.partition(b"\r\n\r\n")
    fields = [field.split(b":", 1) for field in re.split(rb"\r\n(?![ \t])", head)]
    tags = dict(part.split(b"=", 1) for part in re.sub(rb"\s", b"", fields[0][1]).split(b";"))
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    relaxed = b"\r\n".join(lines).rstrip(b"\r\n") + b"\r\n"
    assert b64decode(tags[b"bh"]) == sha256(relaxed).digest()
    left, hashed = fields[1:], b""
    for name in tags[b"h"].split(b":"):
        found = next((at for at in reversed(range(len(left))) if left[at][0].lower() == name), None)
        if found is not None:  # else one is not there, and none may be added
            hashed += _relaxed(*left.pop(found)) + b"\r\n"
    hashed += _relaxed(fields[0][0], re.sub(rb"(?s)(\bb=).*", rb"\1", fields[0][1]))
    (tmp_path / "hashed").write_bytes(hashed)
    (tmp_path / "signature").write_bytes(b64decode(tags[b"b"]))
    public = b64decode(signer.record.partition("p=")[2])
    (tmp_path / "public.der").write_bytes(public)
    verify = ["openssl", "dgst", "-sha256", "-keyform", "DER", "-verify", "public.der", "-signature", "signature"]
    assert subprocess.run([*verify, "hashed"], cwd=tmp_path, check=False, capture_output=True).returncode == 0


def _relaxed(name: bytes, value: bytes) -> bytes:
    return name.lower().strip() + b":" + re.sub(rb"\s+", b" ", value).strip()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"List-Unsubscribe=One-Click", b"List-Unsubscribe=No"),
        (b"\r\nSubject:", b"\r\nSubject: another\r\nSubject:"),
        (b"\r\nFrom:", b"\r\nFrom: other@example.org\r\nFrom:"),
        (b"<https://v.example.org/de/leave/", b"<https://v.example.net/de/leave/"),
        (b"Beispiel", b"Beifang"),
    ],
)
def test_whoever_changes_what_is_covered_breaks_it(signer: Signer, old: bytes, new: bytes) -> None:
    mail = a_mail(signer)
    assert old in mail
    check = signed(mail.replace(old, new, 1), "example.org", lambda _: (signer.record,))
    assert not check.ok
    assert "does not hold" in check.said


def test_a_signature_that_leaves_the_click_uncovered_is_told_with_the_lines_that_mend_it(signer: Signer) -> None:
    import dkim  # as a relay with its defaults would sign

    mail = a_mail(None)
    field = dkim.sign(mail, b"vigie", b"example.org", signer.key)
    check = signed(field + mail, "example.org", lambda _: (signer.record,))
    assert not check.ok
    assert "list-unsubscribe-post" in check.said
    assert "SignHeaders *,+List-Unsubscribe-Post" in check.remedy
    assert not signed(mail, "example.org", lambda _: ()).ok
    assert "no key" in signed(a_mail(signer), "example.org", lambda _: ()).said


def test_it_holds_behind_a_relay(signer: Signer) -> None:
    mail = sample(NOW, sender="v@example.org", portal="https://v.example.org", bounces_to="", signer=signer)
    dots = replace(mail, headers=mail.headers[1:], text="One line.\n.\n..two\nFrom me\n" + "ü" * 200)
    with Relay() as relay:
        one = SmtpRelay(relay.url)
        assert one.send(signer.sign(dots)) == Sent()
        one.rest()
    assert signed(relay.taken[0], "example.org", lambda _: (signer.record,)).ok


def test_what_openssl_writes_in_either_form_is_read_and_published_alike(tmp_path: Path) -> None:
    path = a_key(tmp_path)
    older = tmp_path / "older.pem"
    subprocess.run(["openssl", "rsa", "-traditional", "-in", path, "-out", older], check=True, capture_output=True)
    one, other = open_signer(path, "v", "example.org"), open_signer(older, "v", "example.org")
    assert one.record == other.record
    assert modulus_of(one.record.partition("p=")[2]) == one.modulus
    (tmp_path / "crlf.pem").write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert open_signer(tmp_path / "crlf.pem", "v", "example.org").record == one.record


def test_a_key_that_cannot_sign_is_told_before_anything_starts(tmp_path: Path) -> None:
    small = a_key(tmp_path, "768", name="small.pem")
    public = tmp_path / "public.pem"
    key = a_key(tmp_path)
    subprocess.run(["openssl", "rsa", "-in", key, "-pubout", "-out", public], check=True, capture_output=True)
    curve = tmp_path / "curve.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", curve], check=True, capture_output=True)
    locked = a_key(tmp_path, "-aes128", "-passout", "pass:secret", "2048", name="locked.pem")
    (tmp_path / "text").write_text("hello")
    (tmp_path / "cut.pem").write_bytes(key.read_bytes()[:400])
    for path, why in (
        (tmp_path / "none.pem", "cannot be read"),
        (tmp_path / "text", "no private RSA key"),
        (tmp_path / "cut.pem", "no private RSA key"),
        (public, "no private RSA key"),
        (curve, "no private RSA key"),
        (locked, "has a password"),
        (small, "768 bits"),
    ):
        with pytest.raises(ConfigError, match=rf"VIGIE_DKIM_KEY_FILE.*{why}"):
            signer_of(Settings(dkim_key_file=path))


def test_config_check_and_the_notifier_ask_for_the_key_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VIGIE_DKIM_KEY_FILE", "nowhere.pem")
    assert main(["config", "check"]) == 2
    assert "VIGIE_DKIM_KEY_FILE: nowhere.pem cannot be read" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="VIGIE_DKIM_KEY_FILE"):
        deliveries(Settings(dkim_key_file=Path("nowhere.pem")), None, None, 1.0)  # type: ignore[arg-type]


def test_the_domain_is_the_senders_unless_it_is_said(tmp_path: Path) -> None:
    path = a_key(tmp_path)
    settings = Settings(mail_from="V <v@News.example.org>", dkim_key_file=path)
    signer = signer_of(settings)
    assert signer is not None
    assert signer.name == "vigie._domainkey.news.example.org"
    other = signer_of(replace(settings, dkim_domain="example.org", dkim_selector="m1"))
    assert other is not None
    assert other.name == "m1._domainkey.example.org"
    assert SIGNATURE == "DKIM-Signature"

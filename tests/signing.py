"""DKIM signatures with a key of the test's own, and the DNS that publishes it."""

import base64
import subprocess
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

import dkim

from shared.errors import FetchFailed, Trouble

SELECTOR: Final = "test"
NAMES: Final = (b"From", b"To", b"Subject", b"Date", b"Message-ID")


class Signer:
    """A domain that signs its mails. `dns` answers for it, and for nobody else."""

    def __init__(self, folder: Path, *domains: str) -> None:
        key, public = folder / "dkim.key", folder / "dkim.der"
        run = ("openssl", "genrsa", "-traditional", "-out", str(key), "2048")
        subprocess.run(run, check=True, capture_output=True)
        out = ("openssl", "rsa", "-in", str(key), "-pubout", "-outform", "DER", "-out", str(public))
        subprocess.run(out, check=True, capture_output=True)
        self._key = key.read_bytes()
        record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public.read_bytes())
        self.records: Mapping[str, bytes] = {f"{SELECTOR}._domainkey.{domain}": record for domain in domains}
        self.answers = True

    def sign(self, mail: bytes, domain: str, *, names: tuple[bytes, ...] = NAMES, length: bool = False) -> bytes:
        signed = dkim.DKIM(mail).sign(
            SELECTOR.encode(), domain.encode(), self._key, include_headers=list(names), length=length
        )
        return bytes(signed) + mail

    def dns(self, name: str) -> bytes | None:
        if not self.answers:
            raise FetchFailed(f"the DNS did not answer for {name}: timeout", Trouble.DNS)
        return self.records.get(name)

    def sign_all_but_the_sender(self, mail: bytes, domain: str) -> bytes:
        """A signature that is right and leaves out the From, which no signer makes by itself."""
        message, names = dkim.DKIM(mail), [b"subject", b"date"]
        rules = dkim.CanonicalizationPolicy.from_c_value(b"relaxed/simple")
        digest = base64.b64encode(sha256(rules.canonicalize_body(message.body)).digest())
        fields = [
            (b"v", b"1"),
            (b"a", b"rsa-sha256"),
            (b"c", rules.to_c_value()),
            (b"d", domain.encode()),
            (b"s", SELECTOR.encode()),
            (b"h", b" : ".join(names)),
            (b"bh", digest),
            (b"b", b"0" * 60),
        ]
        message.hasher = sha256
        key = dkim.parse_pem_private_key(self._key)
        return b"DKIM-Signature: " + bytes(message.gen_header(fields, names, rules, b"DKIM-Signature", key)) + mail

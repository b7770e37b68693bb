"""A certificate authority of one's own house, and what it signs, made by openssl when a test asks for it."""

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Authority:
    """An authority that nobody but the test knows. `file` is its certificate."""

    folder: Path
    file: Path

    def server(self, *names: str) -> ssl.SSLContext:
        """A server's side of TLS with a certificate for these names; an address is written as IP:127.0.0.1."""
        key, request, signed = (self.folder / f"server.{end}" for end in ("key", "csr", "pem"))
        alternatives = ",".join(name if name.startswith("IP:") else f"DNS:{name}" for name in names)
        (self.folder / "names.cnf").write_text(f"subjectAltName={alternatives}\n", "ascii")
        _openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=server", "-keyout", key, "-out", request)
        ours = ("-CA", self.file, "-CAkey", self.folder / "ca.key", "-CAcreateserial")
        _openssl(
            "x509",
            "-req",
            "-in",
            request,
            *ours,
            "-days",
            "2",
            "-extfile",
            self.folder / "names.cnf",
            "-out",
            signed,
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(signed, key)
        return context


def an_authority(folder: Path) -> Authority:
    """Skips the test where openssl is not installed."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes the certificates, is not installed")
    file = folder / "ca.pem"
    subject = ("-subj", "/O=Haus/CN=Haus CA", "-days", "2")
    _openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject, "-keyout", folder / "ca.key", "-out", file)
    return Authority(folder, file)


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

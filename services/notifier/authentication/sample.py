"""The bytes of a mail: of a sample that is written as every mail is, or of one as it arrived."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from services.notifier.authentication.checks import Check
from services.notifier.authentication.signing import ONE_CLICK, Signature, Signer, Txt, signatures
from services.notifier.bounces.parts import Part, read_mail
from services.notifier.letters import Entry, Letter, Speaking
from services.notifier.mime import Mail
from services.notifier.pen import Pen
from services.notifier.templates import load_templates
from shared.subscriptions.keys import Keys
from shared.subscriptions.links import Links
from shared.subscriptions.words import Every, Kind, Why

LONGEST_LINE: Final = 998  # bytes (RFC 5322)
ONCE: Final = ("from", "to", "subject", "date", "message-id", "mime-version", "content-type")
_URL: Final = re.compile(r"<([^>]*)>")
_KEYS: Final = Keys((b"sample",), (b"sample",))  # its links open nothing
_COVER: Final = (
    "opendkim: SignHeaders *,+List-Unsubscribe-Post; exim: "
    "DKIM_SIGN_HEADERS = _DKIM_SIGN_HEADERS:List-Unsubscribe-Post"
)


def sample(
    now: datetime, *, sender: str, portal: str, bounces_to: str, signer: Signer | None, reply_to: str = ""
) -> Mail:
    """A mail with a story, as a reader would get it; nobody is sent it."""
    entry = Entry(
        item_id="0" * 16,
        title="Ein Rechenzentrum für die Forschung – un centre de calcul pour la recherche",
        url="https://example.org/release",
        source="Example",
        published=now,
        language="de",
        summary="Ein Beispiel, das niemand bekommt. " * 8,
        themes=("compute",),
        organisations=(),
        sovereignty=0.7,
        franco_german=True,
        why=(Why(clause="theme:compute", passage="Rechenzentrum"),),
    )
    letter = Letter(
        delivery="0" * 32,
        kind=Kind.INSTANT,
        language="de",
        recipient="reader@example.org",
        zone="Europe/Berlin",
        day=now.date(),
        person="0" * 16,
        subscriptions=(Speaking("0" * 16, "theme:compute", Every.INSTANT),),
        entries=(entry,),
    )
    links, templates = Links(portal, _KEYS), load_templates()
    pen = Pen(sender, templates, bounces_to, reply_to=reply_to)
    mail = pen.write(letter, links, now)
    return signer.sign(mail) if signer else mail


def bytes_of(mail: Mail) -> Iterator[Check]:
    """Of a mail that leaves here."""
    raw = mail.as_bytes()
    part = read_mail(raw)
    wrong = [*_lines(raw), *_headers(part)]
    said = "; ".join(wrong) or "short ASCII lines, each header once, quoted-printable"
    yield Check("bytes", not wrong, said, "This is a fault of Vigie: report it." if wrong else "")
    yield _one_click(part)


def _lines(raw: bytes) -> Iterator[str]:
    if not raw.isascii():
        yield "there is more than ASCII in it"
    if raw.replace(b"\r\n", b"").count(b"\n") or raw.replace(b"\r\n", b"").count(b"\r"):
        yield "a line does not end in CR and LF"
    if (longest := max(map(len, raw.split(b"\r\n")))) > LONGEST_LINE:
        yield f"a line has {longest} bytes"


def _headers(part: Part) -> Iterator[str]:
    counted = Counter(name for name, _ in part.headers)
    yield from (f"{name} stands there {counted[name]} times" for name in ONCE if counted[name] != 1)
    if "." not in part.header("message-id").rpartition("@")[2]:
        yield "the Message-ID has no domain"
    for leaf in part.leaves():
        if leaf.header("content-transfer-encoding") != "quoted-printable":
            yield f"{leaf.kind} is not quoted-printable"


def _one_click(part: Part) -> Check:
    """RFC 8058: an https address, alone, and the one value of the other header."""
    found = _URL.findall(part.header("list-unsubscribe"))
    if part.header("list-unsubscribe-post") != "List-Unsubscribe=One-Click" or not found:
        return Check("one-click", False, "the headers of the one-click leave are not there", "Report it.")
    if not found[0].startswith("https://"):
        said = f"the leave link is no https address: {found[0].partition('/de/')[0]}"
        return Check("one-click", False, said, "Set VIGIE_PUBLIC_URL to the portal's https address.")
    return Check("one-click", True, "List-Unsubscribe is one https address, with List-Unsubscribe-Post")


def signed(raw: bytes, domain: str, txt: Txt) -> Check:
    """Of a mail as it arrived, whoever signed it: a signature of the sender's domain holds, and covers both."""
    crlf = re.sub(rb"\r?\n", b"\r\n", raw)
    found = [each for each in signatures(crlf, txt) if _of(each, domain)]
    if not found:
        return Check("signature", False, f"no signature is of {domain}", "Let the relay or Vigie sign.")
    holding = [each for each in found if each.holds]
    if not holding:
        why = "has no key in the DNS" if found[0].holds is None else "does not hold"
        said = f"the signature of {found[0].domain} ({found[0].selector}) {why}"
        return Check(
            "signature", False, said, "Publish its key; see that nothing behind the signer changes mails."
        )
    missing = [name for name in ONE_CLICK if not any(name in each.covers for each in holding)]
    if missing and read_mail(crlf).header("list-unsubscribe"):
        said = f"the signature does not cover {' and '.join(missing)}: no one-click leave for many readers"
        return Check("signature", False, said, f"Let the relay sign it. {_COVER}")
    return Check("signature", True, f"the signature of {holding[0].domain} holds and covers both leave headers")


def _of(signature: Signature, domain: str) -> bool:
    ours = signature.domain.lower()
    return ours == domain or ours.endswith(f".{domain}") or domain.endswith(f".{ours}")

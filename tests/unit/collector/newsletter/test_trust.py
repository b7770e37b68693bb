"""Whose mail it is: the list, the words of the mailbox's own server, and signatures that prove something."""

from pathlib import Path
from typing import Final

import dkim
import pytest

from services.collector.newsletter.dkim_keys import holds
from services.collector.newsletter.trust import attested, is_sender, speaks_for
from shared.errors import FetchFailed
from tests.newsletters import the_dfki_newsletter
from tests.signing import Signer

OURS: Final = "mx.example.org"


@pytest.mark.parametrize(
    ("address", "allowed", "is_one"),
    [
        ("news@dfki.de", "news@dfki.de", True),
        ("presse@dfki.de", "news@dfki.de", False),
        ("presse@dfki.de", "@dfki.de", True),
        ("presse@mail.dfki.de", "@dfki.de", True),
        ("presse@notdfki.de", "@dfki.de", False),
        ("presse@dfki.de.stranger.example", "@dfki.de", False),
        ("", "@dfki.de", False),
    ],
)
def test_the_list_of_senders(address: str, allowed: str, is_one: bool) -> None:
    assert is_sender(address, (allowed,)) is is_one


@pytest.mark.parametrize(
    ("said", "proves"),
    [
        (f"{OURS}; dkim=pass header.d=dfki.de", True),
        (f"{OURS} 1; dkim=pass (2048-bit key; secure) header.d=dfki.de header.i=@dfki.de", True),
        (f"{OURS}; dkim=pass header.i=@mail.dfki.de", True),
        (f"{OURS}; spf=pass smtp.mailfrom=bounce@dfki.de", True),
        (f"{OURS}; dmarc=pass (p=reject) header.from=dfki.de", True),
        (f"{OURS}; dkim=fail header.d=dfki.de; dkim=pass header.d=dfki.de", True),
        (f"{OURS}; dkim=fail header.d=dfki.de", False),
        (f"{OURS}; dkim=pass header.d=stranger.example", False),
        (f"{OURS}; dkim=pass header.d=de", False),
        (f"{OURS}; dmarc=pass header.from=stranger.example", False),
        (f"{OURS}; spf=softfail smtp.mailfrom=x@dfki.de", False),
        (f'{OURS}; dkim=none reason="dkim=pass header.d=dfki.de; dkim=pass header.d=dfki.de"', False),
        (f"{OURS}; dkim=none (dkim=pass header.d=dfki.de; dkim=pass header.d=dfki.de)", False),
        ("other.example; dkim=pass header.d=dfki.de", False),
        (f"{OURS}.stranger.example; dkim=pass header.d=dfki.de", False),
        ("", False),
        (f"{OURS}; none", False),
    ],
)
def test_what_the_server_found(said: str, proves: bool) -> None:
    assert attested([(0, said)], OURS, "dfki.de", ()) is proves


def test_only_the_topmost_words_of_the_server_count() -> None:
    passed, none = f"{OURS}; dkim=pass header.d=dfki.de", f"{OURS}; dkim=none"
    assert attested([(0, "scanner.example; x=y"), (0, none), (0, passed)], OURS, "dfki.de", ())
    assert not attested([(0, none), (1, passed)], OURS, "dfki.de", ())
    assert attested([(1, passed), (3, none)], OURS, "dfki.de", ())


def test_nobody_is_believed_where_no_server_is_named() -> None:
    assert not attested([(0, "; dkim=pass header.d=dfki.de")], "", "dfki.de", ())


def test_a_dispatcher_speaks_for_whom_it_is_named() -> None:
    said = f"{OURS}; dkim=pass header.d=mailer.dispatcher.example"
    assert not attested([(0, said)], OURS, "dfki.de", ())
    assert attested([(0, said)], OURS, "dfki.de", ("dispatcher.example",))


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer(tmp_path_factory.mktemp("keys"), "dfki.de", "stranger.example")


def proven(raw: bytes, signer: Signer) -> bool:
    return holds(raw, lambda domain: speaks_for(domain, "dfki.de", ()), signer.dns)


def test_a_signature_holds_until_something_is_changed(signer: Signer) -> None:
    signed = signer.sign(the_dfki_newsletter(), "dfki.de")
    assert proven(signed, signer)
    assert not proven(signed.replace(b"Weiterlesen", b"Weitermachen"), signer)
    assert not proven(signed.replace(b"Subject: ", b"Subject: Nicht "), signer)
    assert not proven(the_dfki_newsletter(), signer)


def test_one_of_several_signatures_is_enough_whatever_the_others_are(signer: Signer) -> None:
    both = signer.sign(signer.sign(the_dfki_newsletter(), "dfki.de"), "stranger.example")
    assert proven(both, signer)
    assert proven(b"DKIM-Signature: v=1; nonsense\r\n" + both, signer)


def test_a_signature_of_a_part_or_without_the_sender_proves_nothing(signer: Signer) -> None:
    assert not proven(signer.sign(the_dfki_newsletter(), "dfki.de", length=True), signer)
    without = signer.sign_all_but_the_sender(the_dfki_newsletter(), "dfki.de")

    def dns(name: bytes, timeout: float = 5) -> bytes | None:
        return signer.dns(name.decode().rstrip("."))

    assert dkim.verify(without, dnsfunc=dns)  # the library takes it
    assert not proven(without, signer)


def test_strangers_keys_are_never_asked_for_and_silence_is_no_proof_against_a_mail(signer: Signer) -> None:
    signer.answers = False
    try:
        assert not proven(signer.sign(the_dfki_newsletter(), "stranger.example"), signer)
        with pytest.raises(FetchFailed, match="did not answer"):
            proven(signer.sign(the_dfki_newsletter(), "dfki.de"), signer)
    finally:
        signer.answers = True


def test_a_key_that_is_gone_proves_nothing(signer: Signer, tmp_path: Path) -> None:
    other = Signer(tmp_path, "dfki.de")
    signed = signer.sign(the_dfki_newsletter(), "dfki.de")
    assert not proven(signed, other)
    other.records = {}
    assert not proven(signed, other)

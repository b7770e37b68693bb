"""What counts as an address, and the one spelling that is kept."""

import pytest

from shared.errors import BadAddress
from shared.subscriptions.addresses import normalise


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("leser@example.org", "leser@example.org"),
        ("  Leser@Example.ORG ", "leser@example.org"),
        ("a.b+c_d@sub.example.org", "a.b+c_d@sub.example.org"),
        ("o'neil@example.org", "o'neil@example.org"),
        ("post@straße.example.org", "post@xn--strae-oqa.example.org"),
        ("info@münchen.example", "info@xn--mnchen-3ya.example"),
        ("root@localhost", "root@localhost"),
    ],
)
def test_an_address_has_one_spelling(typed: str, kept: str) -> None:
    assert normalise(typed) == kept
    assert normalise(kept) == kept


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("leser@example.org\r\nBcc: x@example.org", "line break"),
        ("leser@example.org\n", "line break"),
        ("leser\x00@example.org", "control character"),
        ("le ser@example.org", "space"),
        ("leser@exam\u00a0ple.org", "space"),
        ("leser.example.org", "no @"),
        ("", "no @"),
        ("@example.org", "nothing before"),
        ("a@b@example.org", "more than one @"),
        ("léser@example.org", "most mail servers"),
        (".leser@example.org", "no mailbox name"),
        ("le..ser@example.org", "no mailbox name"),
        ('"leser"@example.org', "no mailbox name"),
        ("<leser@example.org>", "no mailbox name"),
        ("x" * 65 + "@example.org", "no mailbox name"),
        ("leser@", "no domain"),
        ("leser@example..org", "no domain"),
        ("leser@-example.org", "no domain"),
        ("leser@[192.0.2.1]", "no domain"),
        ("leser@192.0.2.1", "no domain"),
        ("leser@example", "no ending"),
        ("leser@" + "a." * 124 + "org", "longer than 254"),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason_and_never_repeated(typed: str, said: str) -> None:
    with pytest.raises(BadAddress) as refused:
        normalise(typed)
    assert said in str(refused.value)
    assert not typed or typed not in str(refused.value)

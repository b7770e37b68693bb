"""The address that a mail comes back to: the sender's, or with VIGIE_BOUNCES_TO one of its own that we signed."""

import pytest

from services.notifier.compose import compose
from services.notifier.outcomes import Sent
from services.notifier.smtp import SmtpRelay
from shared.config import load_settings
from shared.errors import ConfigError
from shared.subscriptions.addresses import normalise
from shared.subscriptions.keys import Keys
from shared.subscriptions.links import bounce_token, bounced_mail
from tests.mailing import KEYS, LINKS, TEMPLATES
from tests.unit.notifier.letters import NOW, a_confirmation, a_letter
from tests.unit.notifier.relay import Relay

DELIVERY = "0123456789abcdef0123456789abcdef"


def bounces_to(raw: str) -> str:
    return load_settings({"VIGIE_BOUNCES_TO": raw}).bounces_to


@pytest.mark.parametrize(
    ("raw", "begins", "domain"),
    [
        ("bounces@example.org", "bounces+", "example.org"),
        ("bounces-@example.org", "bounces-", "example.org"),
        ("bounces.example.org", "", "bounces.example.org"),
        ("@bounces.example.org", "", "bounces.example.org"),
        ("bounces@münchen.example", "bounces+", "xn--mnchen-3ya.example"),
        ("fifteen.letters@example.org", "fifteen.letters+", "example.org"),
    ],
)
def test_each_mail_comes_back_to_an_address_of_its_own(raw: str, begins: str, domain: str) -> None:
    letter = a_letter(delivery=DELIVERY)
    mail = compose(
        letter, sender="v@example.org", links=LINKS, templates=TEMPLATES, now=NOW, bounces_to=bounces_to(raw)
    )
    local, _, at = mail.sender.rpartition("@")
    assert (local.removeprefix(begins), at) == (bounce_token(KEYS, DELIVERY), domain)
    assert len(local) <= 64
    assert normalise(mail.sender) == mail.sender  # what servers may do to it, capitals too, leaves it whole
    assert bounced_mail(KEYS, local.removeprefix(begins)) == DELIVERY
    assert ("From", "v@example.org") in mail.headers


def test_without_the_setting_it_comes_back_to_the_sender() -> None:
    mail = compose(a_confirmation(), sender="V <v@example.org>", links=LINKS, templates=TEMPLATES, now=NOW)
    assert mail.sender == "v@example.org"
    assert bounces_to("") == ""


@pytest.mark.parametrize(
    "raw", ["sixteen.letters.@example.org", "a b@example.org", "bounces@", "bounces@-.org", "a@b@example.org"]
)
def test_what_can_be_no_such_address_is_refused_with_the_setting(raw: str) -> None:
    with pytest.raises(ConfigError, match="VIGIE_BOUNCES_TO"):
        bounces_to(raw)


def test_a_token_holds_for_its_mail_and_its_key_alone() -> None:
    token = bounce_token(KEYS, DELIVERY)
    assert bounced_mail(Keys((b"new", *KEYS.signing), ()), token) == DELIVERY
    for other in ("0" + token[1:], token[:-1] + "a", token[:-1], "", "x" * 48):
        assert other == token or bounced_mail(KEYS, other) is None
    assert bounced_mail(Keys((b"another",), ()), token) is None


def test_the_relay_hears_it() -> None:
    with Relay() as relay:
        one = SmtpRelay(relay.url)
        letter = a_letter(delivery=DELIVERY)
        around = bounces_to("bounces@example.org")
        mail = compose(
            letter, sender="v@example.org", links=LINKS, templates=TEMPLATES, now=NOW, bounces_to=around
        )
        assert one.send(mail) == Sent()
        one.rest()
    assert relay.senders == [f"bounces+{bounce_token(KEYS, DELIVERY)}@example.org"]

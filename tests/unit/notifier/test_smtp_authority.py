"""A relay whose certificate an authority of one's own signed."""

from pathlib import Path

import pytest

from services.notifier.outcomes import Sent
from services.notifier.senders import open_sender
from shared.config import Settings
from shared.errors import MailUnavailable
from tests.certificates import an_authority
from tests.unit.notifier.letters import a_letter, composed
from tests.unit.notifier.relay import Relay


def test_an_authority_of_the_house_vouches_for_a_relay_that_gets_the_password(tmp_path: Path) -> None:
    house = an_authority(tmp_path)
    relay = Relay(login=True, tls_context=house.server("IP:127.0.0.1"))
    url = relay.url.replace("smtp://", "smtp://vigie:p%40ss%2Fword@")
    with relay:
        trusting = open_sender(Settings(smtp_url=url, ca_file=house.file))
        assert trusting.send(composed(a_letter())) == Sent()
        trusting.rest()
        with pytest.raises(MailUnavailable, match="certificate"):
            open_sender(Settings(smtp_url=url)).send(composed(a_letter()))
    assert relay.logins == [("vigie", "p@ss/word")]

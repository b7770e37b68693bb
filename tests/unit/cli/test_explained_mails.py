"""`vigie explain ITEM --for PERSON`: what it says of the mail that an item went with, or was left out of."""

from datetime import UTC, datetime, timedelta

import pytest

from services.cli.explain import _of_person
from shared.subscriptions.explain import Explanation, Obstacle, Voice
from shared.subscriptions.subscription import Subscription
from shared.subscriptions.words import Every, State

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WISH = Subscription("s", "p", "theme:energy", Every.DAILY, "de", confirmed=True, ended=False)


@pytest.mark.parametrize(("obstacle", "left_out"), [(Obstacle.NONE, False), (Obstacle.QUERY, True)])
def test_what_was_corrected_away_before_its_digest_is_not_said_to_have_been_mailed(
    obstacle: Obstacle, left_out: bool
) -> None:
    sent = {"delivery": "mail", "state": State.SENT, "sent_at": AT + timedelta(hours=1)}
    found = Explanation(
        "one",
        "p",
        False,
        AT,
        (Voice(WISH, obstacle, ()),),
        AT,
        "one",
        Every.DAILY,
        **sent,  # type: ignore[arg-type]
    )
    *_, outcome = _of_person(found, UTC)
    assert "mail mail: sent" in outcome
    assert ("left out" in outcome) is left_out

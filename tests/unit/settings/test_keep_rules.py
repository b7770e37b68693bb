"""Rules for how long items are kept: what is written, and what of it is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.config import load_settings
from shared.errors import ConfigError
from shared.keep_rules import Limits, Origin, Rule, limits, read_rules, written_rules

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def test_rules_are_read_from_a_text_and_from_a_list() -> None:
    expected = (Rule("item", None, source="inria"), Rule("text", 90, kind="mailbox", licence="open"))
    written = "item forever source:inria ; text 90 kind:mailbox licence:open;"
    assert read_rules("x", written) == read_rules("x", written_rules(written.split(";"))) == expected
    assert load_settings({"VIGIE_KEEP_ITEMS": written}).item_rules == expected
    assert load_settings({}).item_rules == ()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("items 90", "is no rule"),
        ("text", "is no rule"),
        ("text soon", "'soon' are no days"),
        ("text 13", "from 14 on"),
        ("text -90", "no days"),
        ("text 90 from:inria", "is no condition"),
        ("text 90 source:", "is no condition"),
        ("text 90 licence:free", "licence is one of open, usual, reserved"),
        ("item 90 kind:rss", "kind is one of"),
    ],
)
def test_what_is_no_rule_is_refused_where_it_stands(written: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as refused:
        load_settings({"VIGIE_KEEP_ITEMS": f"item 90; {written}"})
    assert "VIGIE_KEEP_ITEMS" in str(refused.value)


def test_texts_and_items_have_limits_of_their_own() -> None:
    rules = read_rules("x", "text forever source:a; text 20; item 50 kind:feed")
    assert limits(rules, Origin("a", "usual", "feed"), NOW) == Limits(None, NOW - timedelta(days=50))
    assert limits(rules, Origin("b"), NOW) == Limits(NOW - timedelta(days=20), None)

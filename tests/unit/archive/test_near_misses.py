"""What an item just missed: themes that something spoke for, but too little."""

from dataclasses import replace
from typing import Any

import pytest

from services.portal.pages.item import findings
from shared.archive.found import FoundItem, near_misses
from tests.archived import NOON

ITEM = FoundItem(
    **{
        **dict.fromkeys(
            ("item_id", "source", "title", "language", "summary", "story", "model", "source_name"), "x"
        ),
        **dict.fromkeys(("url", "published", "published_on"), None),
        **dict.fromkeys(("themes", "organisations", "sources", "authors"), ()),
        **dict.fromkeys(("first_seen", "revised_at"), NOON),
        **{"revision": 1, "day": NOON.date(), "scores": {}, "sovereignty": 0.0, "franco_german": False},
    }
)


@pytest.mark.parametrize(
    ("fields", "missed"),
    [
        ({"scores": {"energy": 0.3, "health": 0.45, "ai": 0.05}}, (("health", 0.45), ("energy", 0.3))),
        ({"scores": {"energy": 0.9}, "themes": ("energy",)}, ()),
        ({"scores": {"energy": 0.0}, "themes": ()}, ()),
    ],
)
def test_the_nearest_stands_first_and_what_was_given_is_none(
    fields: dict[str, Any], missed: tuple[tuple[str, float], ...]
) -> None:
    assert near_misses(replace(ITEM, **fields)) == missed


def test_the_page_of_an_item_shows_what_it_just_missed_behind_what_it_has() -> None:
    item = replace(ITEM, scores={"energy": 0.9, "health": 0.45, "ai": 0.1}, themes=("energy",))
    assert [(each.label, each.given) for each in findings(item)] == [("energy", True), ("health", False)]

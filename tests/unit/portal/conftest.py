"""A portal with one item, one source on and one off."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from shared.sources.tables import SourceRow
from tests.unit.portal.site import Opening, Portal, a_german_item, a_portal


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    yield from furnished(tmp_path)


@pytest.fixture
def portal_with(tmp_path: Path) -> Iterator[Opening]:
    """A portal with other settings and nothing in it."""
    with ExitStack() as opened:
        yield lambda **settings: opened.enter_context(closing(a_portal(tmp_path, **settings)))


def furnished(folder: Path, **settings: str) -> Iterator[Portal]:
    portal = a_portal(folder, **settings)
    portal.archive(a_german_item())
    off = SourceRow(id="stumm", name="Amt B", url="https://example.org/b", enabled=False)
    off.off_reason = "robots.txt forbids it"
    with portal.store.writing() as session:
        session.add(SourceRow(id="dfki", name="Institut A", url="https://example.org/feed", country="DE"))
        session.add(off)
    with closing(portal):
        yield portal

"""Since when the archive has all of a source, where people and programs look at sources."""

from datetime import UTC, datetime

from shared.sources.tables import SourceRow
from tests.unit.portal.site import Portal


def test_the_page_and_the_api_say_since_when_a_source_is_complete(portal: Portal) -> None:
    with portal.store.writing() as session:
        row = session.get(SourceRow, "dfki")
        assert row is not None
        row.complete_since = datetime(2024, 5, 6, 12, tzinfo=UTC)
    page = portal.get("/de/sources").text
    assert "vollständig seit" in page
    assert "6. Mai 2024" in page
    (dfki, *_) = [one for one in portal.get("/api/v1/sources").json()["sources"] if one["id"] == "dfki"]
    assert dfki["complete_since"] == "2024-05-06T12:00:00Z"
    others = [one["complete_since"] for one in portal.get("/api/v1/sources").json()["sources"] if one != dfki]
    assert others == [None]

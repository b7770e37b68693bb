"""Who asks for what can never be is told so, wherever one asks."""

from tests.unit.portal.site import Portal
from tests.unit.portal.test_subscribing import FORM

QUERY, NEVER = "Netz after:2026-06 before:2026-03", "after:2026-06 before:2026-03"


def test_the_page_the_api_and_the_preview_name_what_contradicts_itself(portal: Portal) -> None:
    page = portal.get(f"/de/search?q={QUERY}").text
    assert f"nie zugleich zutreffen, also findet es nichts: <code>{NEVER}</code>" in page
    assert "nie zugleich" not in portal.get("/de/search?q=gibtsnicht").text
    assert portal.get(f"/api/v1/items?q={QUERY}").json()["never"] == NEVER
    assert portal.get("/api/v1/items?q=gibtsnicht").json()["never"] is None
    asked = {**FORM, "action": "preview", "q": QUERY}
    assert f"<code>{NEVER}</code>" in portal.post("/en/subscribe", asked).text

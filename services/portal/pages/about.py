"""What Vigie is, how tags are made, where its limits are; and the page that lists the API."""

from typing import Final

from fastapi import Response

from services.portal.allowance import PER_WINDOW
from services.portal.site import ThePage

# code -> status, as the page of the API lists them; the type of a problem leads there
PROBLEMS: Final = (
    ("bad_request", 400),
    ("bad_query", 400),
    ("missing", 404),
    ("gone", 410),
    ("method", 405),
    ("busy", 429),
    ("broken", 500),
    ("unavailable", 503),
)


def show(page: ThePage) -> Response:
    return page.render("about.html")


def api(page: ThePage) -> Response:
    """The endpoints, written out: a generated viewer would load scripts from elsewhere."""
    return page.render("api.html", public=page.portal_url, problems=PROBLEMS, per_minute=PER_WINDOW)

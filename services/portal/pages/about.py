"""What Vigie is, how tags are made, where its limits are; and the page that lists the API."""

from fastapi import Response

from services.portal.site import ThePage


def show(page: ThePage) -> Response:
    return page.render("about.html")


def api(page: ThePage) -> Response:
    """The endpoints, written out: a generated viewer would load scripts from elsewhere."""
    return page.render("api.html", public=page.portal_url)

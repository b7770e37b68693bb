"""What Vigie is, how tags are made, where its limits are."""

from fastapi import Response

from services.portal.site import ThePage


def show(page: ThePage) -> Response:
    return page.render("about.html")

"""The gauges for Prometheus, behind the same door as the pages for operators."""

from typing import Annotated

from fastapi import Depends, Response

from services.portal.metrics import CONTENT_TYPE
from services.portal.ops.access import opened
from services.portal.site import PRIVATE, Page, page_for


def show(page: Annotated[Page, Depends(page_for)]) -> Response:
    """`vigie_up 0` and nothing else when store or bus do not answer: the portal still does."""
    return Response(opened(page).site.metrics.text(), headers=PRIVATE, media_type=CONTENT_TYPE)

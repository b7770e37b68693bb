"""The board of a theme: what one country's bodies published and the other's did not."""

from typing import Annotated

from fastapi import Query, Response

from services.portal.site import ThePage
from shared.errors import BadInput
from shared.themes import themes
from shared.watched.one_sided import DAYS, LONGEST, Board, boards


def show(
    page: ThePage,
    theme: Annotated[str, Query(max_length=40)] = "",
    days: Annotated[int, Query(ge=1, le=LONGEST)] = DAYS,
) -> Response:
    """The boards of both countries; without a theme a form to choose one."""
    wrong = False
    found: tuple[Board, ...] = ()
    if theme:
        try:
            found = boards(page.site.store, page.site.bus, theme, days)
        except BadInput:
            wrong = True
    return page.render(
        "one_sided.html",
        status=400 if wrong else 200,
        theme=theme,
        days=days,
        longest=LONGEST,
        boards=found,
        wrong=wrong,
        all_themes=list(themes()),
    )

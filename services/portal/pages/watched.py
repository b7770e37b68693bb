"""Silence, proven: did anything match, and was everybody watched who could have said it?"""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import Query, Response

from services.portal.site import ThePage
from shared.errors import BadInput, QueryError
from shared.watched.answer import Answer, ask
from shared.watched.since import since_of

DAYS: Final = 7  # back, where no day is given
MOST_GAPS: Final = 200  # rows; more are counted


def show(
    page: ThePage, q: Annotated[str, Query(max_length=2000)] = "", since: Annotated[str, Query(max_length=40)] = ""
) -> Response:
    """The answer for a query and a day; a query or a day that says nothing is an answer, too."""
    day = since or (page.now - timedelta(days=DAYS)).astimezone(page.site.settings.calendar).date().isoformat()
    answer: Answer | None = None
    error: QueryError | None = None
    wrong_day = False
    try:
        answer = ask(page.site.store, page.site.bus, q, since_of(day, page.now, page.site.settings.calendar))
    except QueryError as refused:
        error = refused
    except BadInput:
        wrong_day = True
    return page.render(
        "watched.html",
        status=400 if error or wrong_day else 200,
        q=q,
        day=day,
        answer=answer,
        error=error,
        wrong_day=wrong_day,
        most=MOST_GAPS,
    )

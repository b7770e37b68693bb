"""The proof of silence as JSON."""

from typing import Annotated

from fastapi import Query, Request, Response

from services.portal.api import models
from services.portal.api.answers import answer
from services.portal.api.items import TheQuery
from services.portal.api.strict import BadParameter
from services.portal.site import TheSite
from shared.errors import BadInput, QueryError
from shared.query.strict import parse_strictly
from shared.watched.answer import ask
from shared.watched.one_sided import DAYS, LONGEST, boards
from shared.watched.since import since_of


def watched(
    request: Request,
    site: TheSite,
    since: Annotated[str, Query(max_length=40, description="a day, a moment (RFC 3339), or an age as in 7d")],
    q: TheQuery = "",
) -> Response:
    """Whether anything matched since then, and whether everybody was watched who could have said it."""
    parse_strictly(q)
    try:
        found = ask(site.store, site.bus, q, since_of(since, site.clock.now(), site.settings.calendar))
    except QueryError:
        raise
    except BadInput as error:
        raise BadParameter("since", str(error)) from error
    return answer(request, models.Silence.model_validate(found.shown(words=False)))


def one_sided(
    request: Request,
    site: TheSite,
    theme: Annotated[str, Query(max_length=40, description="a theme, as in theme:energy")],
    days: Annotated[int, Query(ge=1, le=LONGEST, description="within which a counterpart counts")] = DAYS,
) -> Response:
    """What bodies of one country published on a theme and no watched body of the other: France and Germany."""
    try:
        found = boards(site.store, site.bus, theme, days)
    except BadInput as error:
        raise BadParameter("theme", str(error)) from error
    return answer(request, models.OneSided(boards=tuple(models.Board.model_validate(b.shown()) for b in found)))

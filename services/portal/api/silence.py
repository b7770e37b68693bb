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

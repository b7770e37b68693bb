"""The map of the site: every address, and what answers it.

Everything below `/{lang}` is for people, in their language; `/api/v1` is for programs.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final

from fastapi import APIRouter, Depends, FastAPI
from starlette.routing import BaseRoute

from services.portal.api import bodies, counts, health, items, models, silence, websub
from services.portal.api.strict import only_known
from services.portal.ops import correct, groups, mails, metrics, overview, stories, suppressed
from services.portal.pages import (
    about,
    calendar,
    compare,
    elsewhere,
    files,
    help,
    issue,
    item,
    latest,
    mailed,
    one_sided,
    opensearch,
    own_feed,
    search,
    sources,
    subscribe,
    trends,
    trying,
    watched,
    widening,
    yours,
)

Endpoint = Callable[..., Any]

PAGES: Final[tuple[tuple[str, str, Endpoint], ...]] = (
    ("GET", "/", latest.root),
    ("GET", "/healthz", health.alive),
    ("GET", "/healthz/{proof}", health.ours),
    ("GET", "/readyz", health.ready),
    ("GET", "/websub/{token}", websub.verified),
    ("POST", "/websub/{token}", websub.push),
    ("GET", "/statusz", overview.show_json),
    ("GET", "/metrics", metrics.show),
    ("GET", "/static/{name}", files.show),
    ("GET", "/events/{kind}.json", files.schema),
    ("GET", "/{lang}", latest.start),
    ("GET", "/{lang}/", latest.show),
    ("GET", "/{lang}/opensearch.xml", opensearch.show),
    ("GET", "/{lang}/search", search.show),
    ("GET", "/{lang}/search.ics", calendar.show),
    ("GET", "/{lang}/search.{form}", search.download),
    ("GET", "/{lang}/help", help.show),
    ("GET", "/{lang}/trends", trends.show_trends),
    ("GET", "/{lang}/trends.csv", trends.download),
    ("GET", "/{lang}/items/{item_id}.{form}", item.cite),
    ("GET", "/{lang}/items/{item_id}", item.show),
    ("GET", "/{lang}/items/{item_id}/correct", correct.show),
    ("POST", "/{lang}/items/{item_id}/correct", correct.save),
    ("GET", "/{lang}/stories/{story_id}/correct", stories.show),
    ("POST", "/{lang}/stories/{story_id}/correct", stories.save),
    ("GET", "/{lang}/stories/{story_id}", item.show_story),
    ("GET", "/{lang}/compare", compare.show),
    ("GET", "/{lang}/one-sided", one_sided.show),
    ("GET", "/{lang}/sources", sources.show),
    ("GET", "/{lang}/watched", watched.show),
    ("GET", "/{lang}/subscribe", subscribe.show),
    ("POST", "/{lang}/subscribe", subscribe.submit),
    ("GET", "/{lang}/confirm/{token:path}", mailed.show_confirm),
    ("POST", "/{lang}/confirm/{token:path}", mailed.confirm),
    ("GET", "/{lang}/leave/{token:path}", mailed.show_leave),
    ("POST", "/{lang}/leave/{token:path}", mailed.leave),
    ("GET", "/{lang}/preferences/{token:path}", mailed.show_preferences),
    ("POST", "/{lang}/preferences/{token:path}", mailed.change),
    ("GET", "/{lang}/links", yours.show_asking),
    ("POST", "/{lang}/links", yours.ask),
    ("GET", "/{lang}/open/{token:path}", yours.show_open),
    ("POST", "/{lang}/open/{token:path}", yours.open_once),
    ("GET", "/{lang}/yours/{hour}", yours.show),
    ("POST", "/{lang}/yours/{hour}", yours.act),
    ("GET", "/{lang}/yours/{hour}/vigie.json", yours.export),
    ("GET", "/{lang}/yours/{hour}/record", yours.show_record),
    ("GET", "/{lang}/yours/{hour}/erase", yours.show_erase),
    ("POST", "/{lang}/yours/{hour}/erase", yours.erase),
    ("GET", "/{lang}/yours/{hour}/change/{subscription}", yours.show_change),
    ("POST", "/{lang}/yours/{hour}/change/{subscription}", yours.change),
    ("GET", "/{lang}/yours/{hour}/elsewhere/{subscription}", elsewhere.show),
    ("POST", "/{lang}/yours/{hour}/elsewhere/{subscription}", elsewhere.act),
    ("GET", "/{lang}/feeds/{token}.{form}", own_feed.show),
    ("GET", "/{lang}/undo/{token:path}", yours.show_undo),
    ("POST", "/{lang}/undo/{token:path}", yours.undo),
    ("GET", "/{lang}/move/{token:path}", yours.show_move),
    ("POST", "/{lang}/move/{token:path}", yours.move),
    ("GET", "/{lang}/keep/{token:path}", yours.show_keep),
    ("POST", "/{lang}/keep/{token:path}", yours.keep),
    ("GET", "/{lang}/widen/{token:path}", widening.show),
    ("POST", "/{lang}/widen/{token:path}", widening.widen),
    ("GET", "/{lang}/issues/{token:path}", issue.show),
    ("GET", "/{lang}/about", about.show),
    ("GET", "/{lang}/api", trying.show),
    ("GET", "/{lang}/api/go", trying.go),
    ("GET", "/{lang}/api/swagger", trying.swagger),
    ("GET", "/{lang}/operations", overview.show),
    ("POST", "/{lang}/operations/clear", overview.clear),
    ("POST", "/{lang}/operations/accept", overview.accept),
    ("GET", "/{lang}/operations/suppressed", suppressed.show),
    ("POST", "/{lang}/operations/suppressed", suppressed.lift),
    ("GET", "/{lang}/operations/groups", groups.show),
    ("POST", "/{lang}/operations/groups", groups.make),
    ("GET", "/{lang}/operations/groups/{name}", groups.show_one),
    ("POST", "/{lang}/operations/groups/{name}", groups.change),
    ("GET", "/{lang}/mails", mails.show_all),
    ("GET", "/{lang}/mails/{mail_id}", mails.show_one),
    ("GET", "/{lang}/mails/{mail_id}/html", mails.show_html),
)
API: Final[tuple[tuple[str, str, Endpoint, type], ...]] = (
    ("items", "/api/v1/items", items.list_items, models.Items),
    ("items", "/api/v1/items/{item_id}", items.one_item, models.ItemInFull),
    ("counts", "/api/v1/facets", counts.facet_counts, models.Facets),
    ("counts", "/api/v1/trends", counts.trends, models.Trends),
    ("stories", "/api/v1/stories/{story_id}", items.one_story, models.Story),
    ("organisations", "/api/v1/organisations", bodies.all_organisations, models.Organisations),
    ("organisations", "/api/v1/organisations/{organisation_id}", bodies.one_organisation, models.Organisation),
    ("sources", "/api/v1/sources", bodies.all_sources, models.Sources),
    ("sources", "/api/v1/sources/{source_id}", bodies.one_source, models.Source),
    ("sources", "/api/v1/watched", silence.watched, models.Silence),
    ("sources", "/api/v1/one-sided", silence.one_sided, models.OneSided),
    ("status", "/api/v1/status", bodies.status, models.Status),
)


def add_routes(app: FastAPI) -> None:
    """Put every address on the application."""
    app.router.routes.extend(_routes())


@cache
def _routes() -> Sequence[BaseRoute]:
    """Once for every application of a process: what each endpoint takes is found out slowly and never changes."""
    router = APIRouter()
    for method, path, endpoint in PAGES:
        router.add_api_route(path, endpoint, methods=[method], include_in_schema=False, response_model=None)
    for tag, path, endpoint, kind in API:
        router.add_api_route(
            path,
            endpoint,
            responses={200: {"model": kind}, "default": {"model": models.Problem}},
            response_model=None,
            dependencies=[Depends(only_known)],
            operation_id=endpoint.__name__,
            tags=[tag],
        )
    return tuple(router.routes)

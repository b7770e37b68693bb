"""Items, sources and the state of the pipeline as JSON."""

from hashlib import sha256
from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import BaseModel

from services.portal.api import models
from services.portal.links import address
from services.portal.site import TheSite
from shared.archive.search import item as find_item
from shared.archive.search import search
from shared.errors import NotFound
from shared.query.syntax import parse
from shared.sources.store import list_sources
from shared.telemetry.status import read_status


def list_items(
    request: Request,
    site: TheSite,
    q: Annotated[str, Query(max_length=2000, description="a query of the search grammar; empty finds all")] = "",
    cursor: Annotated[str | None, Query(description="from `next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Items that the query finds, newest first. Pages stay put while new items arrive."""
    understood = parse(q).echo()
    with site.store.reading() as session:
        page = search(session, q, limit=limit, after=cursor)
    next_ = page.next and address(
        site.at("/api/v1/items"), (("q", q), ("limit", str(limit)), ("cursor", page.next))
    )
    items = tuple(map(models.item, page.items))
    answer = models.Items(query=understood, count=page.count, items=items, next=next_)
    return _json(request, answer, {"Link": f'<{next_}>; rel="next"'} if next_ else {})


def one_item(request: Request, site: TheSite, item_id: str) -> Response:
    """An item with the passages that carried its tags, its revisions and every source it was seen at."""
    with site.store.reading() as session:
        found = find_item(session, item_id)
    if found is None:
        raise NotFound(f"no item {item_id!r}")
    return _json(request, models.item_in_full(found))


def all_sources(request: Request, site: TheSite) -> Response:
    """Every source with its health, those that are off with the reason."""
    with site.store.reading() as session:
        sources = tuple(map(models.source, list_sources(session)))
    return _json(request, models.Sources(sources=sources))


def status(request: Request, site: TheSite) -> Response:
    """Whether all is well, and how much waits where."""
    now = read_status(site.store, site.bus, site.clock)
    facts = now.facts
    stages = {name: models.StageStatus.model_validate(stage) for name, stage in facts.stages.items()}
    answer = models.Status(
        ok=now.ok, items=facts.items, stages=stages, sources=facts.sources, deliveries=facts.deliveries
    )
    return _json(request, answer)


def _json(request: Request, answer: BaseModel, headers: dict[str, str] | None = None) -> Response:
    """The answer with an ETag; 304 for who has it already."""
    body = answer.model_dump_json()
    tag = f'"{sha256(body.encode()).hexdigest()[:20]}"'
    headers = {"ETag": tag, **(headers or {})}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")

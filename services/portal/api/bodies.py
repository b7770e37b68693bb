"""Sources, organisations and the state of the pipeline as JSON."""

from fastapi import Request, Response

from services.portal.api import models
from services.portal.api.answers import answer
from services.portal.site import TheSite
from shared.archive.bodies import Body, named, one
from shared.sources.store import list_sources, source_health
from shared.telemetry.status import read_status


def all_sources(request: Request, site: TheSite) -> Response:
    """Every source with its health, those that are off with the reason."""
    with site.store.reading() as session:
        sources = tuple(map(models.source, list_sources(session)))
    return answer(request, models.Sources(sources=sources))


def one_source(request: Request, site: TheSite, source_id: str) -> Response:
    """A source with its health."""
    with site.store.reading() as session:
        found = source_health(session, source_id)
    return answer(request, models.source(found))


def all_organisations(request: Request, site: TheSite) -> Response:
    """The bodies that items name, those that are named most first."""
    with site.store.reading() as session:
        found = named(session)
    return answer(request, models.Organisations(organisations=tuple(map(_organisation, found))))


def one_organisation(request: Request, site: TheSite, organisation_id: str) -> Response:
    """A body of the list, also one that no item names yet."""
    with site.store.reading() as session:
        found = one(session, organisation_id)
    return answer(request, _organisation(found))


def status(request: Request, site: TheSite) -> Response:
    """Whether all is well, and how much waits where."""
    now = read_status(site.store, site.bus, site.clock)
    facts = now.facts
    stages = {name: models.StageStatus.model_validate(stage) for name, stage in facts.stages.items()}
    said = models.Status(
        ok=now.ok, items=facts.items, stages=stages, sources=facts.sources, deliveries=facts.deliveries
    )
    return answer(request, said)


def _organisation(body: Body) -> models.Organisation:
    known = body.organisation
    return models.Organisation(
        id=known and known.id,
        name=body.name,
        country=known and known.country,
        items=body.items,
        query=f'org:"{body.name}"',
    )

"""Puts the portal together: the application for tests, the service for `vigie run`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from anyio import to_thread
from fastapi import FastAPI

from services.portal.allowance import Allowance
from services.portal.api.description import Description
from services.portal.api.limits import Limited
from services.portal.edge import Edge
from services.portal.patience import Limits
from services.portal.problems import add_handlers
from services.portal.routes import add_routes
from services.portal.server import LIMITS, Portal
from services.portal.site import build_site
from shared.bus import Bus
from shared.clock import Clock
from shared.config import Settings
from shared.public_url import read_public_url
from shared.store import Pool, Store

# pages made at a time: readers wait for one another, the pipeline in the same process does not wait for readers
THREADS: Final = 4
# a reader has gone by then, and a question that never ends must not keep the others waiting
PATIENCE: Final = 30
CONNECTIONS: Final = Pool(kept=THREADS, more=THREADS, cache_kb=4_000, patience=PATIENCE)


def build(settings: Settings, store: Store, bus: Bus, clock: Clock, limits: Limits = LIMITS) -> Portal:
    """The portal on the address of the settings, not yet started."""
    host, port = settings.http_host_port
    app = create_app(settings, store, bus, clock)
    return Portal(app, host, port, limits, rest=app.state.site.store.rest)


def create_app(settings: Settings, store: Store, bus: Bus, clock: Clock) -> FastAPI:
    """The application: every page and the API."""
    public = read_public_url("VIGIE_PUBLIC_URL", settings.public_url)
    app = FastAPI(
        title="Vigie",
        lifespan=_few_threads,
        openapi_url="/api/openapi.json",
        docs_url=None,  # the generated viewers load scripts from another host
        redoc_url=None,
        redirect_slashes=False,  # it would answer any address with a redirect to one that is not there
    )
    app.state.site = build_site(settings, store.again(CONNECTIONS), bus, clock)
    app.state.allowance = Allowance()
    app.add_middleware(Limited, allowance=app.state.allowance)
    app.add_middleware(Edge, public=public, trusted=settings.trusted_proxies)
    add_handlers(app)
    add_routes(app)
    app.openapi = Description(app, public).read  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def _few_threads(_: FastAPI) -> AsyncIterator[None]:
    to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield

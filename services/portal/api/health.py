"""Whether the process lives, and whether it can serve: for supervisors and load balancers."""

from collections.abc import Callable, Mapping

from fastapi.responses import JSONResponse

from services.portal.site import Site, TheSite
from shared.bus import ARCHIVED
from shared.errors import SchemaOutdated, Unavailable
from shared.store.migrate import check


def alive() -> JSONResponse:
    """The process answers; nothing else is asked."""
    return JSONResponse({"ok": True})


def ready(site: TheSite) -> JSONResponse:
    """200 when database, schema and bus answer; else 503, and each says how it is."""
    parts = checked(site)
    ok = all(state == "ok" for state in parts.values())
    return JSONResponse({"ok": ok, **parts}, 200 if ok else 503)


def checked(site: Site) -> Mapping[str, str]:
    """Part -> `ok`, or what is missing."""
    return {
        "database": _state(site.store.ping),
        "schema": _state(lambda: check(site.store)),
        "bus": _state(lambda: site.bus.lag(ARCHIVED, "notifier")),
    }


def _state(ask: Callable[[], object]) -> str:
    try:
        ask()
    except SchemaOutdated:
        return "outdated: run `vigie migrate`"
    except Unavailable:
        return "does not answer"
    return "ok"

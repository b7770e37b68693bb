"""Whether the process lives, and whether it can serve: for supervisors and load balancers."""

from collections.abc import Callable, Mapping

from fastapi.responses import JSONResponse

from services.portal.site import Site, TheSite
from shared.bus import TOPICS
from shared.errors import BadLink, SchemaOutdated, Unavailable
from shared.store.schema import check
from shared.subscriptions.keyring import known_keys
from shared.subscriptions.links import Purpose, verify


async def alive() -> JSONResponse:
    """The process answers; nothing else is asked. No thread is needed, for all may be busy with pages."""
    return JSONResponse({"ok": True})


def ours(site: TheSite, proof: str) -> JSONResponse:
    """200 to who shows a token of this installation: whoever asks a public address knows then who answers."""
    with site.store.reading() as session:
        try:
            verify(known_keys(session, site.settings), Purpose.PROOF, proof, site.store.now(session))
        except BadLink:
            return JSONResponse({"ok": False}, 404)
    return JSONResponse({"ok": True})


def ready(site: TheSite) -> JSONResponse:
    """200 when database, schema and bus would give and take; else 503, and each says how it is."""
    parts = checked(site)
    ok = all(state == "ok" for state in parts.values())
    return JSONResponse({"ok": ok, **parts}, 200 if ok else 503)


def checked(site: Site) -> Mapping[str, str]:
    """Part -> `ok`, or what is missing."""
    settings = site.settings
    database = "VIGIE_DATABASE_URL" if settings.database_url else "VIGIE_DATA_DIR"
    bus = "VIGIE_BUS_URL" if settings.bus_url else "VIGIE_DATA_DIR"
    return {
        "database": _state(site.store.check, database),
        "schema": _state(lambda: check(site.store), database),
        "bus": _state(lambda: site.bus.check(TOPICS), bus),
    }


def _state(ask: Callable[[], object], setting: str) -> str:
    """The cause is for operators, and may name hosts: anybody may ask here."""
    try:
        ask()
    except SchemaOutdated:
        return "outdated: run `vigie migrate`"
    except Unavailable:
        return f"does not work: see {setting}; `vigie doctor` says more"
    return "ok"

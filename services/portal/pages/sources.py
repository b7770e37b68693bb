"""Who is watched, and how that goes: every source with its health, those that are off with the reason."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from fastapi import Response

from services.portal.site import ThePage
from shared.sources.store import SourceHealth, list_sources

TONES: Final = {
    "new": "",
    "ok": "good",
    "empty": "warn",
    "stale": "warn",
    "moved": "warn",
    "rebuilt": "bad",
    "failing": "bad",
    "blocked": "bad",
    "forbidden": "bad",
    "gone": "bad",
    "paused": "",
}


@dataclass(frozen=True, slots=True)
class Watched:
    """Sources of one country, by name."""

    country: str
    sources: tuple[SourceHealth, ...]


def show(page: ThePage) -> Response:
    """All sources."""
    with page.site.store.reading() as session:
        sources = tuple(list_sources(session))
    on = [source for source in sources if source.enabled]
    off = sorted((source for source in sources if not source.enabled), key=_by_name)
    states = Counter(source.state for source in on)
    return page.render("sources.html", groups=by_country(on), off=off, states=states, tones=TONES)


def by_country(sources: list[SourceHealth]) -> tuple[Watched, ...]:
    """The countries, those with most sources first."""
    counts = Counter(source.country for source in sources)
    ordered = sorted(counts, key=lambda country: (-counts[country], country))
    return tuple(
        Watched(country, tuple(sorted((s for s in sources if s.country == country), key=_by_name)))
        for country in ordered
    )


def _by_name(source: SourceHealth) -> str:
    return (source.name or source.id).casefold()

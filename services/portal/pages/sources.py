"""Who is watched, and how that goes: every source with its health, those that are off with the reason."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from fastapi import Response

from services.portal.site import ThePage
from shared.sources.glance import glance, is_read, is_waiting
from shared.sources.proposals import waiting
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
        proposed = waiting(session)
    on = [source for source in sources if source.enabled]
    off = sorted((source for source in sources if not source.enabled), key=_by_name)
    states = Counter(source.state for source in on)
    named = sorted((source for source in sources if source.named), key=_by_way)
    seen = glance(named)
    return page.render(
        "sources.html",
        groups=by_country(on),
        off=off,
        states=states,
        tones=TONES,
        named=named,
        seen=seen,
        proposed=proposed,
    )


def by_country(sources: list[SourceHealth]) -> tuple[Watched, ...]:
    """The countries, those with most sources first."""
    counts = Counter(source.country for source in sources)
    ordered = sorted(counts, key=lambda country: (-counts[country], country))
    return tuple(
        Watched(country, tuple(sorted((s for s in sources if s.country == country), key=_by_name)))
        for country in ordered
    )


def _by_way(source: SourceHealth) -> tuple[int, str, str]:
    """What is read first, by kind; then what waits for a first answer, what is sick, and what is off."""
    rank = 0 if is_read(source) else 1 if is_waiting(source) else 2 if source.enabled else 3
    return rank, source.kind if not rank else "", _by_name(source)


def _by_name(source: SourceHealth) -> str:
    return (source.name or source.id).casefold()

"""How a source is read in place of what the catalogue says: routes that somebody verified and applied.

An applied route stands as long as the catalogue says what it said then: a catalogue that names another address
knows better.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from shared.sources.catalogue import Kind, SitemapRules, SourceConfig


@dataclass(frozen=True, slots=True)
class Route:
    """A way to read a source: kind and address, and what the addresses of a sitemap begin with that count."""

    kind: Kind
    url: str
    within: str = ""

    def stored(self, instead_of: SourceConfig) -> dict[str, str]:
        """As the row of the source keeps it, with what it stands in place of."""
        return {
            "kind": self.kind.value,
            "url": self.url,
            "within": self.within,
            "instead_of": f"{instead_of.kind.value} {instead_of.url}",
        }


def routed(config: SourceConfig, stored: Mapping[str, str] | None) -> SourceConfig:
    """The configuration with the route that was applied, where it still stands."""
    if not stored or stored["instead_of"] != f"{config.kind.value} {config.url}":
        return config
    kind, within = Kind(stored["kind"]), stored["within"]
    rules = SitemapRules(within) if within else None
    return replace(config, kind=kind, url=stored["url"], sitemap=rules, listing=None)


def route_of(config: SourceConfig) -> Route:
    """The way that a configuration names."""
    return Route(config.kind, config.url, config.sitemap.within if config.sitemap else "")

"""The templates and texts of mails, read from the package once at the start."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.notifier.shown import folded
from shared.locales import Texts, load_texts

_HERE: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Templates:
    """Renders a template by its file name in one of our languages."""

    environment: Environment
    texts: Mapping[str, Texts]

    def render(self, name: str, language: str, **values: object) -> str:
        return self.environment.get_template(name).render(t=self.texts[language], language=language, **values)


def load_templates() -> Templates:
    """Raises ConfigError where a language lacks a text."""
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=lambda name: bool(name and ".html" in name),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["folded"] = folded
    return Templates(environment, load_texts(_HERE / "locales"))

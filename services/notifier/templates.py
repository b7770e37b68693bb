"""The templates and texts of mails, read from the package once at the start."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.notifier.shown import Shown, clean, folded
from shared.locales import Texts, load_texts

_HERE: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Templates:
    """Renders a template by its file name in one of our languages."""

    environment: Environment
    texts: Mapping[str, Texts]

    def render(self, name: str, language: str, **values: object) -> str:
        texts = self.texts[language]
        part = partial(_part, self.environment, texts)
        return self.environment.get_template(name).render(t=texts, language=language, part=part, **values)


@lru_cache(maxsize=4096)  # news go to many readers at once, and nothing in here is about one of them
def _part(environment: Environment, texts: Texts, name: str, story: Shown) -> str:
    """A story by the template of that name, ready to stand in that of a mail."""
    rendered = environment.get_template(name).render(t=texts, language=texts.language, story=story)
    return Markup(rendered) if ".html" in name else rendered  # it is escaped already


@cache
def load_templates(imprint: str = "") -> Templates:
    """`imprint` stands at the end of every mail. Raises ConfigError where a language lacks a text."""
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=lambda name: bool(name and ".html" in name),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["folded"] = folded
    environment.globals["imprint"] = clean(imprint)
    return Templates(environment, load_texts(_HERE / "locales"))

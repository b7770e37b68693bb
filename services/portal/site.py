"""What every page works with: the parts of the world, the texts, the templates; and the page itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.portal import frontend, languages, links, passages, show
from services.portal.asking import COMMON
from services.portal.followers import Followers
from services.portal.languages import Language
from services.portal.metrics import Metrics
from services.portal.speech import Speech
from services.portal.throttle import WRONG_PASSWORDS, Throttle
from shared.archive.bodies import name_of
from shared.bus import Bus
from shared.clock import Clock
from shared.config import Settings
from shared.locales import Texts, load_texts
from shared.meaning.encoder import Lazy, the_encoder
from shared.public_url import PublicUrl, read_public_url
from shared.store import Store
from shared.themes import themes

HERE: Final = Path(__file__).parent
STATIC: Final = HERE / "static"
PRIVATE: Final = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}


@dataclass(frozen=True, slots=True)
class Site:
    """The parts of the world that pages read, and how they are shown."""

    settings: Settings
    public: PublicUrl
    store: Store
    bus: Bus
    clock: Clock
    texts: Mapping[str, Texts]
    templates: Environment
    throttle: Throttle
    logins: Throttle
    metrics: Metrics
    encoder: Lazy
    followers: Followers

    def at(self, path: str) -> str:
        """The way to one of our own addresses, below the path of the public address."""
        return self.public.prefix + path

    @property
    def shows_mails(self) -> bool:
        """Without a relay mails are files, and the portal is where they can be read."""
        return not self.settings.smtp_url


def build_site(settings: Settings, store: Store, bus: Bus, clock: Clock) -> Site:
    texts, metrics = load_texts(HERE / "locales"), Metrics(store, bus, clock)
    public = read_public_url("VIGIE_PUBLIC_URL", settings.public_url)
    return Site(
        settings,
        public,
        store,
        bus,
        clock,
        texts,
        _templates(),
        Throttle(),
        Throttle(WRONG_PASSWORDS, ()),
        metrics,
        the_encoder,
        Followers(store),
    )


def site_of(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


@dataclass(frozen=True, slots=True)
class Page:
    """One answer to one reader."""

    request: Request
    site: Site
    language: Language

    @property
    def now(self) -> datetime:
        return self.site.clock.now()

    @property
    def client(self) -> str:
        """The reader's address, as `edge` found it out."""
        return self.request.client.host if self.request.client else ""

    @property
    def base(self) -> str:
        """What the addresses of this language begin with."""
        return self.site.at(f"/{self.language}")

    @property
    def portal_url(self) -> str:
        """The portal as this reader calls it, where no public address is set. Without a slash at the end."""
        url = self.request.url
        return self.site.public.url or f"{url.scheme}://{self.request.headers.get('host') or url.netloc}"

    def render(
        self, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: object
    ) -> HTMLResponse:
        """The template as an answer in the page's language."""
        url = self.request.url

        # a page that answers a form has no address of its own that GET would show again, but for its path
        def switch(language: str) -> str:
            return self.site.at(links.in_language(url.path, url.query, language))

        body = self.site.templates.get_template(template).render(
            values,
            say=Speech(self.site.texts[self.language], self.now),
            lang=self.language,
            switch=switch,
            base=self.base,
            site=self.site,
        )
        return HTMLResponse(body, status, {"Content-Language": self.language, **(headers or {})})


def page_of(request: Request, lang: Language) -> Page:
    """The page of a route below `/{lang}`."""
    return Page(request, site_of(request), lang)


def page_for(request: Request) -> Page:
    """The page of an answer without a route: the path's language, else the browser's."""
    language = languages.of_path(request.url.path)
    return Page(
        request, site_of(request), language or languages.preferred(request.headers.get("accept-language", ""))
    )


TheSite = Annotated[Site, Depends(site_of)]
ThePage = Annotated[Page, Depends(page_of)]


@cache
def _templates() -> Environment:
    """Of this process: what is compiled depends on no setting."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(
        themes=themes(),
        languages=languages.NAMES,
        examples=COMMON,
        body=name_of,
        css=_versioned("vigie.css"),
        versioned=_versioned,
    )
    environment.filters.update(
        safe_link=links.safe_link,
        host=links.shown_host,
        marked=passages.marked,
        commands=show.commands,
        excerpt=passages.excerpt,
    )
    return environment


def file_of(name: str) -> Path | None:
    """The file that a page loads under this name: one of ours, or one that npm installed."""
    return frontend.place_of(name) or (STATIC / name if (STATIC / name).is_file() else None)


@cache
def _versioned(name: str) -> str:
    """The address of a file; it changes with its content, so that browsers may keep it."""
    place = file_of(name)
    assert place is not None, name
    return f"/static/{name}?v={sha256(place.read_bytes()).hexdigest()[:12]}"

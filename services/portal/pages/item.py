"""One item: its words, what the machine says of them and why, its history, and the story it belongs to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import Response

from services.portal.passages import excerpt
from services.portal.site import Page, ThePage
from shared.archive.about import About
from shared.archive.citations import markdown
from shared.archive.export import FORMATS, export
from shared.archive.found import FoundItem, near_misses
from shared.archive.removal import refuse_removed, refuse_removed_story
from shared.archive.search import item as find_item
from shared.archive.search import story as find_story
from shared.archive.story_events import history
from shared.archive.subjects import related
from shared.errors import NotFound
from shared.items import LANGUAGES, Reason
from shared.sources.names import source_names

CITED: Final = {"bib": "bibtex", "ris": "ris"}  # ending -> format


@dataclass(frozen=True, slots=True)
class Finding:
    """A label of the verdict with its score and the passages that speak for it, the strongest first."""

    label: str
    score: float
    passages: tuple[str, ...]
    given: bool


def show(page: ThePage, item_id: str) -> Response:
    """The item. 404 where the archive has none of that id."""
    with page.site.store.reading() as session:
        item = find_item(session, item_id)
        if item is None:
            refuse_removed(session, item_id)
            raise NotFound(f"no item {item_id!r}")
        siblings = [other for other in find_story(session, item.story) if other.item_id != item_id]
        names = source_names(session)
    return page.render(
        "item.html",
        item=item,
        siblings=siblings,
        names=names,
        findings=findings(item),
        words=words(item),
        passages=[reason.passage for reason in item.reasons],
        markdown=markdown(item, f"{page.portal_url}/{page.language}/items/{item_id}"),
        cited=CITED,
    )


def cite(page: ThePage, item_id: str, form: str) -> Response:
    """The item as a reference, in one of `CITED`."""
    if form not in CITED:
        raise NotFound(f"no reference format {form!r}")
    item = _found(page, item_id)
    about = About("", item.revised_at, page.portal_url, language=page.language, at=page.now)
    name = f"vigie-{item_id}.{FORMATS[CITED[form]].suffix}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    body = b"".join(export(CITED[form], [item], about))
    return Response(body, media_type=FORMATS[CITED[form]].media_type, headers=headers)


def show_story(page: ThePage, story_id: str) -> Response:
    """All items about one event, the first one first."""
    with page.site.store.reading() as session:
        items = find_story(session, story_id)
        names = source_names(session)
        if not items:
            refuse_removed_story(session, story_id)
            raise NotFound(f"no story {story_id!r}")
        near = related(session, [item.item_id for item in items], items[0].story)
        joined = {each.item_id: each for each in history(session, [item.item_id for item in items])}
    languages = tuple(dict.fromkeys(item.language for item in items if item.language in LANGUAGES))
    sources = tuple(dict.fromkeys(item.source_name or names.get(item.source, item.source) for item in items))
    return page.render(
        "story.html", items=items, names=names, joined=joined, related=near, spoken=languages, sources=sources
    )


def _found(page: Page, item_id: str) -> FoundItem:
    with page.site.store.reading() as session:
        item = find_item(session, item_id)
        if item is None:
            refuse_removed(session, item_id)
            raise NotFound(f"no item {item_id!r}")
    return item


def findings(item: FoundItem) -> tuple[Finding, ...]:
    """What the verdict says and what it just missed, what holds first, then by score; nothing of little weight."""
    near = dict(near_misses(item))
    scores = {**item.scores, "sovereignty": item.sovereignty, "franco_german": float(item.franco_german)}
    given = {*item.themes, *(("franco_german",) if item.franco_german else ())}
    if item.sovereignty >= 0.5:
        given.add("sovereignty")
    found = [
        Finding(label, score, passages_for(label, item.reasons), label in given)
        for label, score in scores.items()
        if label in given or label in near or any(reason.label == label for reason in item.reasons)
    ]
    return tuple(sorted(found, key=lambda finding: (not finding.given, -finding.score)))


def passages_for(label: str, reasons: Iterable[Reason]) -> tuple[str, ...]:
    """The passages for `label`, each once, the strongest first."""
    own = sorted((reason for reason in reasons if reason.label == label), key=lambda reason: -reason.weight)
    return tuple(dict.fromkeys(reason.passage for reason in own))


def words(item: FoundItem, limit: int = 900) -> str:
    """What the page quotes: the summary, else the beginning of the text. Publishers own the rest."""
    quoted: Sequence[str] = [part for part in (item.summary, item.text) if part]
    return excerpt(quoted[0], limit) if quoted else ""

"""Putting a story right: a person takes publications out of it, or makes it one with another. It mails nobody."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Form, Response
from fastapi.responses import RedirectResponse

from services.portal.ops.access import OpsPage
from services.portal.ops.correct import LONGEST_NOTE
from services.portal.site import PRIVATE
from shared.archive import story_corrections as said
from shared.archive.locks import alone
from shared.archive.search import find, story
from shared.archive.story_words import words_on
from shared.errors import NotFound


def show(page: OpsPage, story_id: str) -> Response:
    """The form: the publications of the story, and what people said of them."""
    with page.site.store.reading() as session:
        items = story(session, story_id)
        words = words_on(session, [item.item_id for item in items])
    if not items:
        raise NotFound(f"no story {story_id!r}")
    return page.render("story_correct.html", headers=PRIVATE, items=items, words=words, longest=LONGEST_NOTE)


def save(
    page: OpsPage,
    story_id: str,
    out: Annotated[Sequence[str], Form()] = (),
    other: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """Take those that are ticked out; make the rest one with the story of `other`, an id or address. 400 where
    nothing would be left.
    """
    store, note = page.site.store, note.replace("\0", " ")[:LONGEST_NOTE]
    with store.writing() as session:
        alone(store, session)
        now, shown = store.now(session), story_id
        if out:
            shown = said.split(session, frozenset(out), now, note=note)
        if other.strip():
            found, members = find(session, other.strip()), story(session, story_id)
            if found is None or not members:
                raise NotFound(f"no item {other.strip()!r}")
            shown = said.merge(session, members[0].item_id, found.item_id, now, note=note)
    return RedirectResponse(f"{page.base}/stories/{shown}", 303, headers=PRIVATE)

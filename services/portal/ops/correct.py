"""Correcting the tags of an item: what a person sets wins over every machine, and mails nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Form, Response
from fastapi.responses import RedirectResponse

from services.portal.ops.access import OpsPage
from services.portal.site import PRIVATE
from shared.archive.corrections import correct
from shared.archive.locks import alone
from shared.archive.search import item as find_item
from shared.archive.verdicts import FRANCO_GERMAN, SOVEREIGNTY
from shared.errors import NotFound

DEGREES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
LONGEST_NOTE: Final = 500


@dataclass(frozen=True, slots=True)
class Corrected:
    """The form as it came back. `shown` are the labels that it showed as given, `given` those that are right."""

    given: frozenset[str]
    shown: frozenset[str]
    sovereignty: float | None
    checked: bool
    note: str

    def said(self) -> Mapping[str, float]:
        """Only what the person changed is their word: the rest stays the machine's."""
        changed = {label: float(label in self.given) for label in self.given ^ self.shown}
        return changed if self.sovereignty is None else {**changed, SOVEREIGNTY: self.sovereignty}


def corrected_of(
    given: Annotated[Sequence[str], Form()] = (),
    shown: Annotated[Sequence[str], Form()] = (),
    sovereignty: Annotated[str, Form()] = "",
    checked: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Corrected:
    degree = next((degree for degree in DEGREES if str(degree) == sovereignty), None)
    return Corrected(
        frozenset(given), frozenset(shown), degree, bool(checked), note.replace("\0", " ")[:LONGEST_NOTE]
    )


def show(page: OpsPage, item_id: str) -> Response:
    """The form, filled in with the verdict as it counts."""
    with page.site.store.reading() as session:
        item = find_item(session, item_id)
    if item is None:
        raise NotFound(f"no item {item_id!r}")
    given = {*item.themes, *((FRANCO_GERMAN,) if item.franco_german else ())}
    return page.render(
        "correct.html", headers=PRIVATE, item=item, given=given, degrees=DEGREES, longest=LONGEST_NOTE
    )


def save(page: OpsPage, item_id: str, corrected: Annotated[Corrected, Depends(corrected_of)]) -> Response:
    """Keep what was changed, then show the item. 400 for a label that there is not."""
    said = corrected.said()
    store = page.site.store
    if said or corrected.checked:
        with store.writing() as session:
            alone(store, session)
            now = store.now(session)
            correct(session, item_id, said, now, note=corrected.note, checked=corrected.checked)
    return RedirectResponse(f"{page.base}/items/{item_id}", 303, headers=PRIVATE)

"""Groups: an operator's wish for a list of addresses, seen and changed on a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fastapi import Response
from sqlmodel import Session

from services.portal.ops.access import OpsPage
from services.portal.pages.forms import SentForm
from services.portal.site import PRIVATE, Page
from shared.errors import BadInput, Conflict, QueryError
from shared.items import LANGUAGES
from shared.query.told import sources_named
from shared.sources.names import names_of
from shared.subscriptions import groups
from shared.subscriptions.keyring import made_keys
from shared.subscriptions.options import Options
from shared.subscriptions.version import changing
from shared.subscriptions.words import Every

ORIGIN = "operations"


@dataclass(frozen=True, slots=True)
class Said:
    """What was done, by the name of its sentence; what was wrong; which addresses were refused, and why."""

    done: str = ""
    wrong: str = ""
    added: int = 0
    known: int = 0
    refused: Sequence[tuple[str, str]] = field(default_factory=tuple)


NOTHING = Said()


def show(page: OpsPage) -> Response:
    """Every group, and the form for another."""
    return _all(page)


def make(page: OpsPage, form: SentForm) -> Response:
    """Make a group."""
    every, language = form.get("every", ""), form.get("language", "")
    every = every if every in list(Every) else Every.DAILY
    language = language if language in LANGUAGES else page.language
    if not form.get("q", "").strip():  # a list of people gets nothing by oversight
        return _all(page, Said(wrong="the query is empty"))
    try:
        with changing(page.site.store) as session:
            now, name = page.site.store.now(session), " ".join(form.get("name", "").split())
            groups.add(session, now, name, form.get("q", ""), every, language, Options())
    except (QueryError, BadInput, Conflict) as error:
        return _all(page, Said(wrong=str(error)))
    return _all(page, Said("made"))


def show_one(page: OpsPage, name: str) -> Response:
    """A group with its addresses."""
    return _one(page, name)


def change(page: OpsPage, name: str, form: SentForm) -> Response:
    """Put addresses in, take one out, or end the group."""
    match form.get("action", ""):
        case "add":
            return _one(page, name, _added(page, name, form))
        case "take_out":
            with changing(page.site.store) as session:
                keys, now = made_keys(session, page.site.settings), page.site.store.now(session)
                groups.remove_address(session, name, form.get("address", ""), now, keys=keys, origin=ORIGIN)
            return _one(page, name, Said("taken_out"))
        case "end":
            with changing(page.site.store) as session:
                keys, now = made_keys(session, page.site.settings), page.site.store.now(session)
                groups.remove(session, name, now, keys=keys, origin=ORIGIN)
            return _all(page, Said("removed"))
    return _one(page, name)


def _added(page: Page, name: str, form: SentForm) -> Said:
    """Each address for itself: one that is refused keeps no other out."""
    added, known, refused = 0, 0, list[tuple[str, str]]()
    for address in dict.fromkeys(form.get("addresses", "").replace(",", " ").split()):
        try:
            with changing(page.site.store) as session:
                keys, now = made_keys(session, page.site.settings), page.site.store.now(session)
                proof = form.get("proof", "")
                if groups.add_address(session, name, address, now, keys=keys, proof=proof):
                    added += 1
                else:
                    known += 1
        except (BadInput, Conflict) as error:
            refused.append((address, str(error)))
    return Said("put", added=added, known=known, refused=refused)


def _all(page: Page, said: Said = NOTHING) -> Response:
    with page.site.store.reading() as session:
        found = groups.groups(session)
        names = _names(session, found)
    status = 400 if said.wrong else 200
    values = {"found": found, "names": names, "said": said, "modes": tuple(Every)}
    return page.render("groups.html", status=status, headers=PRIVATE, **values)


def _one(page: Page, name: str, said: Said = NOTHING) -> Response:
    with page.site.store.reading() as session:
        found = groups.group(session, name)
        names = _names(session, (found,))
    return page.render("group.html", headers=PRIVATE, found=found, names=names, said=said)


def _names(session: Session, found: Sequence[groups.Group]) -> Mapping[str, str]:
    """The names of the sources that their queries name."""
    return names_of(session, frozenset().union(*(sources_named(each.query) for each in found)))

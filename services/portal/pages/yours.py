"""Everything that somebody has, for an hour, behind a link that was mailed on their asking and opens once.

Change, pause, end, another address, a copy of all that is stored, the record of what was agreed, erasure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from services.portal.flood import may_ask
from services.portal.pages.forms import SentFields, SentForm, fields_of
from services.portal.pages.mailed import PAUSES, publishers, until_of
from services.portal.pages.subscribe import CHOICES, preview_of, query_of
from services.portal.problems import problem
from services.portal.site import PRIVATE, Page, ThePage
from services.portal.wanted import Wanted, wanted_as, wanted_of
from shared.errors import BadAddress, QueryError
from shared.mail_files import forget
from shared.plain import plain_json
from shared.subscriptions import lifecycle, moving, own, people, retention
from shared.subscriptions.consent import consent_of_address
from shared.subscriptions.erasure import erase_for_good
from shared.subscriptions.keyring import known_keys
from shared.subscriptions.keys import Keys
from shared.subscriptions.preview import Preview
from shared.subscriptions.rows import shown
from shared.subscriptions.subscription import Subscription
from shared.subscriptions.suspensions import suspension_of
from shared.subscriptions.tables import PersonRow
from shared.subscriptions.version import changing


@dataclass(frozen=True, slots=True)
class Said:
    """What the page says besides: what was done, or what is wrong."""

    done: str = ""
    bad_address: bool = False

    @property
    def status(self) -> int:
        return 400 if self.bad_address else 200


NOTHING = Said()


def show_asking(page: ThePage) -> Response:
    """The form for who wants the link."""
    return page.render("links.html", headers=PRIVATE, address="", bad_address=False)


def ask(page: ThePage, form: SentForm) -> Response:
    """Mail the link, where somebody has the address; the answer is the same where nobody does."""
    address = form.get("address", "")
    if not form.get("website"):
        if not may_ask(page):
            return problem(page.request, 429, "busy")
        try:
            with page.site.store.writing() as session:
                own.ask_for_links(session, address, page.site.store.now(session), page.language)
        except BadAddress:
            return page.render("links.html", status=400, headers=PRIVATE, address=address, bad_address=True)
    return page.render("said.html", headers=PRIVATE, title="links_asked_title", text="links_asked_text")


def show_open(page: ThePage, token: str) -> Response:
    """A button: a scanner that follows the link must not use it up."""
    with page.site.store.reading() as session:
        own.looked_at(session, token, page.now, keys=known_keys(session, page.site.settings))
    return page.render("open.html", headers=PRIVATE)


def open_once(page: ThePage, token: str) -> Response:
    """Use the link up, and go to what it opens."""
    with page.site.store.writing() as session:
        keys, now = known_keys(session, page.site.settings), page.site.store.now(session)
        hour = own.open_once(session, token, now, keys=keys)
    return RedirectResponse(f"{page.base}/yours/{hour}", 303, headers=PRIVATE)


def show(page: ThePage, hour: str) -> Response:
    """All that somebody has."""
    with page.site.store.reading() as session:
        return _yours(page, session, hour, _whose(page, session, hour))


def act(page: ThePage, hour: str, form: SentForm) -> Response:
    """Pause, go on, end one or all, or ask for another address."""
    with changing(page.site.store) as session:
        keys, now = known_keys(session, page.site.settings), page.site.store.now(session)
        person = own.opened(session, hour, now, keys=keys)
        try:
            done = _done(page, session, person, form, keys)
        except BadAddress:
            return _yours(page, session, hour, person, Said(bad_address=True))
        return _yours(page, session, hour, person, Said(done))


def _done(page: Page, session: Session, person: PersonRow, form: SentForm, keys: Keys) -> str:
    """What was done, by the name of its sentence; nothing for a form that is none of ours."""
    now, action, about = page.site.store.now(session), form.get("action", ""), form.get("subscription", "")
    match action:
        case "pause" | "resume":
            row = own.theirs(session, person.id, about)
            until = until_of(form, now) if action == "pause" else None
            lifecycle.pause(session, row.id, until, now, keys=keys)
        case "leave":
            own.leave(session, person.id, about, now, keys=keys)
        case "leave_all":
            own.leave_all(session, person.id, now, keys=keys)
        case "move":
            moving.ask(session, person, form.get("address", ""), now, page.language)
        case _:
            return ""
    return action


def show_change(page: ThePage, hour: str, subscription: str) -> Response:
    """The form of one subscription, filled in."""
    with page.site.store.reading() as session:
        person = _whose(page, session, hour)
        shown = lifecycle.as_it_stands(session, own.theirs(session, person.id, subscription).id)
    return _change(page, hour, wanted_as(shown))


def change(page: ThePage, hour: str, subscription: str, sent: SentFields) -> Response:
    """Preview a change, or save it."""
    fields = fields_of(sent)
    wanted = wanted_of(fields, page.language)
    try:
        query = query_of(wanted)
    except QueryError as error:
        return _change(page, hour, wanted, status=400, query_error=error)
    if "preview" in fields("action"):
        with page.site.store.reading() as session:
            _whose(page, session, hour)
        return _change(page, hour, wanted, preview=preview_of(page, query))
    if wanted.unsaid or wanted.bad_zone:
        return _change(page, hour, wanted, status=400)
    with changing(page.site.store) as session:
        keys, now = known_keys(session, page.site.settings), page.site.store.now(session)
        row = own.theirs(session, own.opened(session, hour, now, keys=keys).id, subscription)
        said = {"query": query, "every": wanted.every, "language": wanted.language}
        lifecycle.change(session, row.id, now, keys=keys, options=wanted.options, **said)
    return RedirectResponse(f"{page.base}/yours/{hour}", 303, headers=PRIVATE)


def export(page: ThePage, hour: str) -> Response:
    """A copy of all that is stored, as JSON."""
    with page.site.store.reading() as session:
        copy = people.export(session, _whose(page, session, hour).address)
    headers = {**PRIVATE, "Content-Disposition": 'attachment; filename="vigie.json"'}
    return Response(plain_json(copy), headers=headers, media_type="application/json")


def show_record(page: ThePage, hour: str) -> Response:
    """What was agreed, when and how, line by line; made to be printed."""
    with page.site.store.reading() as session:
        person = _whose(page, session, hour)
        keys = known_keys(session, page.site.settings)
        lines = consent_of_address(session, keys, person.address)
    return page.render("record.html", headers=PRIVATE, person=person, lines=lines, hour=hour)


def show_erase(page: ThePage, hour: str) -> Response:
    """What would be gone, and the button."""
    with page.site.store.reading() as session:
        person = _whose(page, session, hour)
    return page.render("erase.html", headers=PRIVATE, person=person, hour=hour)


def erase(page: ThePage, hour: str) -> Response:
    """Remove the person and every trace of the address, at once."""
    with page.site.store.reading() as session:
        person, keys = _whose(page, session, hour), known_keys(session, page.site.settings)
    erased = erase_for_good(page.site.store, person.address, keys=keys)
    forget(page.site.settings.mail_dir, erased.mails)
    return page.render("said.html", headers=PRIVATE, title="erased_title", text="erased_text")


def show_undo(page: ThePage, token: str) -> Response:
    """What would begin again, and the button."""
    with page.site.store.reading() as session:
        keys = known_keys(session, page.site.settings)
        found = own.undoable(session, token, page.now, keys=keys)
        names = publishers(session, found)
    return page.render("undo.html", headers=PRIVATE, subscriptions=found, done=False, names=names)


def undo(page: ThePage, token: str) -> Response:
    """Begin again what was ended."""
    with changing(page.site.store) as session:
        keys, now = known_keys(session, page.site.settings), page.site.store.now(session)
        found = own.undo(session, token, now, keys=keys)
        names = publishers(session, found)
    return page.render("undo.html", headers=PRIVATE, subscriptions=found, done=True, names=names)


def show_move(page: ThePage, token: str) -> Response:
    """That everything would come to this address, and the button."""
    with page.site.store.reading() as session:
        change = moving.asked_by(session, token, page.now, keys=known_keys(session, page.site.settings))
    return page.render("move.html", headers=PRIVATE, address=change.address)


def move(page: ThePage, token: str) -> Response:
    """Take everything to this address."""
    with changing(page.site.store) as session:
        keys, now = known_keys(session, page.site.settings), page.site.store.now(session)
        moving.move(session, token, now, keys=keys)
    return page.render("said.html", headers=PRIVATE, title="moved_title", text="moved_text")


def show_keep(page: ThePage, token: str) -> Response:
    """What would go on, and the button."""
    with page.site.store.reading() as session:
        keys = known_keys(session, page.site.settings)
        found = tuple(map(shown, retention.kept_by(session, token, page.now, keys=keys)))
        names = publishers(session, found)
    return page.render("keep.html", headers=PRIVATE, subscriptions=found, names=names)


def keep(page: ThePage, token: str) -> Response:
    """It goes on."""
    with changing(page.site.store) as session:
        keys, now = known_keys(session, page.site.settings), page.site.store.now(session)
        retention.keep(session, token, now, keys=keys)
    return page.render("said.html", headers=PRIVATE, title="undone_title", text="kept_text")


def _whose(page: Page, session: Session, hour: str) -> PersonRow:
    return own.opened(session, hour, page.now, keys=known_keys(session, page.site.settings))


def _yours(page: Page, session: Session, hour: str, person: PersonRow, said: Said = NOTHING) -> Response:
    session.flush()
    kept: Sequence[Subscription] = [one for one in lifecycle.subscriptions_of(session, person.id) if not one.ended]
    return page.render(
        "yours.html",
        status=said.status,
        headers=PRIVATE,
        person=person,
        kept=kept,
        names=publishers(session, kept),
        suspension=suspension_of(session, person.id),
        said=said,
        pauses=PAUSES,
        most=CHOICES["most"],
        hour=hour,
        now=page.now,
    )


def _change(
    page: Page,
    hour: str,
    wanted: Wanted,
    *,
    status: int = 200,
    query_error: QueryError | None = None,
    preview: Preview | None = None,
) -> Response:
    return page.render(
        "change.html",
        status=status,
        headers=PRIVATE,
        wanted=wanted,
        query_error=query_error,
        asks_everything=status == 400 and wanted.unsaid and query_error is None,
        preview=preview,
        hour=hour,
        **CHOICES,
    )

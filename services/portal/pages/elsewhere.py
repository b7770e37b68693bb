"""What a subscription does beside its mails: shown and changed in the hour that a mailed link opens."""

from dataclasses import dataclass
from itertools import islice
from secrets import token_hex
from typing import Final

from fastapi import Response
from sqlmodel import Session

from services.portal.pages.forms import SentForm
from services.portal.pages.mailed import publishers
from services.portal.problems import problem
from services.portal.site import PRIVATE, Page, ThePage
from services.portal.throttle import client_of
from shared.archive.collapse import one_per_story
from shared.archive.search import search
from shared.events import CONTENT_TYPE
from shared.subscriptions import lifecycle, own
from shared.subscriptions.elsewhere import events, feeds, webhooks
from shared.subscriptions.elsewhere.signature import signed
from shared.subscriptions.keyring import known_keys
from shared.subscriptions.version import changing
from shared.web.posting import OFF, Answer, Postman, Wrong

IN_A_SAMPLE: Final = 5  # stories
LOOKED_THROUGH: Final = 20  # items for them: one event may have several


@dataclass(frozen=True, slots=True)
class Said:
    """What the page says besides: what was done or is wrong, and what is shown this once."""

    done: str = ""
    feed: str = ""  # the secret part of a new address
    secret: str = ""  # of a new webhook
    url: str = ""  # as it was given, where it is wrong
    wrong: Wrong | None = None
    answer: Answer | None = None  # to a test


NOTHING = Said()


def show(page: ThePage, hour: str, subscription: str) -> Response:
    """The ways of one subscription."""
    with page.site.store.reading() as session:
        return _shown(page, session, hour, _theirs(page, session, hour, subscription))


def act(page: ThePage, hour: str, subscription: str, form: SentForm) -> Response:
    """Make, renew or end one of the ways; or try the webhook."""
    with page.site.store.reading() as session:  # nobody else makes us ask for addresses
        theirs = _theirs(page, session, hour, subscription)
    action = form.get("action", "")
    if action in ("webhook_make", "webhook_test"):
        if page.site.settings.webhooks == OFF or not page.site.throttle.allows(client_of(page.client), page.now):
            return problem(page.request, 429, "busy")
        said = _tried(page, theirs) if action == "webhook_test" else _given(page, form.get("url", "").strip())
        if said.wrong or said.answer:
            with page.site.store.reading() as session:
                return _shown(page, session, hour, theirs, said)
    with changing(page.site.store) as session:
        theirs = _theirs(page, session, hour, subscription)
        return _shown(page, session, hour, theirs, _done(page, session, theirs, action, form))


def _done(page: Page, session: Session, subscription: str, action: str, form: SentForm) -> Said:
    """What was done; nothing for a form that is none of ours."""
    keys, now = known_keys(session, page.site.settings), page.site.store.now(session)
    match action:
        case "feed_make":
            return Said(action, feed=feeds.make(session, subscription, now, keys=keys))
        case "feed_end":
            feeds.end(session, subscription, now)
        case "webhook_make":
            secret = webhooks.make(session, subscription, form.get("url", "").strip(), now)
            return Said(action, secret=secret)
        case "webhook_resume":
            webhooks.resume(session, subscription)
        case "webhook_end":
            webhooks.end(session, subscription, now)
        case "sample":
            return _sampled(page, session, subscription)
        case _:
            return NOTHING
    return Said(action)


def _sampled(page: Page, session: Session, subscription: str) -> Said:
    """A mail with the newest of what the subscription finds; what it would say is found in the archive."""
    row = lifecycle.active(session, subscription)
    found = search(session, row.query, limit=LOOKED_THROUGH).items
    newest = list(islice(one_per_story(found), IN_A_SAMPLE))
    if not newest:
        return Said("sample_nothing")
    now = page.site.store.now(session)
    mailed = own.mail_sample(session, row.person, row, [item.item_id for item in newest], now)
    return Said("sample" if mailed else "sample_enough")


def _given(page: Page, url: str) -> Said:
    """What is wrong with an address."""
    return Said(url=url, wrong=Postman(page.site.settings, page.site.clock).wrong(url))


def _tried(page: Page, subscription: str) -> Said:
    """What the webhook answers to a signed event that is about nothing; none counts."""
    with page.site.store.reading() as session:
        row, one = webhooks.row_of(session, subscription), lifecycle.as_it_stands(session, subscription)
    if row is None:
        return NOTHING
    id_ = f"msg_test_{token_hex(12)}"
    body = events.test(id_, page.now, subscription, one.query)
    headers = {"Content-Type": CONTENT_TYPE, **signed(row.secret, id_, page.now, body)}
    return Said(answer=Postman(page.site.settings, page.site.clock).post(row.url, body, headers))


def _theirs(page: Page, session: Session, hour: str, subscription: str) -> str:
    """What goes on of the person whose hour it is. Raises BadLink, NotFound."""
    person = own.opened(session, hour, page.now, keys=known_keys(session, page.site.settings))
    return lifecycle.active(session, own.theirs(session, person.id, subscription).id).id


def _shown(page: Page, session: Session, hour: str, subscription: str, said: Said = NOTHING) -> Response:
    session.flush()
    one = lifecycle.as_it_stands(session, subscription)
    return page.render(
        "elsewhere.html",
        status=400 if said.wrong else 200,
        headers=PRIVATE,
        one=one,
        names=publishers(session, (one,)),
        feed_since=feeds.open_since(session, one.id),
        feed_at=f"{page.portal_url}/{one.language}/feeds/{said.feed}" if said.feed else "",
        webhook=webhooks.webhook_of(session, one.id),
        with_webhooks=page.site.settings.webhooks != OFF,
        said=said,
        hour=hour,
    )

"""The notifier as a service: match what is archived, assign what is due, deliver, purge what nobody confirmed."""

from collections.abc import Sequence
from datetime import datetime
from email.utils import parseaddr
from typing import Final

from sqlmodel import Session

from services.notifier import updates
from services.notifier.announcing import LOOK_EVERY as LOOK_AT_FEEDS
from services.notifier.announcing import Announcer
from services.notifier.assign import assign
from services.notifier.bounces.mailbox import EVERY, ReturnBox, account_of
from services.notifier.first import introduce
from services.notifier.matching import Matcher
from services.notifier.rematch import rematch
from services.notifier.senders import deliveries
from services.notifier.unset import look_for_relay
from services.notifier.watchman import Watchman
from services.notifier.webhooks.poster import Poster
from shared.bus import ARCHIVED, Bus, Outcome, Record
from shared.bus.consume import Handler, Stage
from shared.clock import Clock
from shared.config import Settings
from shared.journal.keeper import LOOK_EVERY, Keeper
from shared.mail_files import forget, names
from shared.runtime import Loop, LoopService, Service, stage_loop
from shared.store import Store
from shared.store.sweep import empty_log
from shared.subscriptions.erasure import outlived, purge_for_good, strays
from shared.subscriptions.keyring import known_keys, made_keys
from shared.subscriptions.retention import retention_of
from shared.subscriptions.widening import tell_of_emptiness
from shared.subscriptions.words import Every
from shared.telemetry.facts import Weight
from shared.telemetry.leaps import if_believed, may_age
from shared.telemetry.notices import raise_notice, withdraw
from shared.telemetry.told import told
from shared.web.client import WebClient
from shared.web.posting import OFF, Postman

STAGE: Final = "notifier"
FILES: Final = "mails.files"
CHOSEN: Final = "mails.chosen"
LINKS: Final = "mails.links"
SENDER: Final = "mails.sender"
TICK: Final = 0.5  # seconds: mail leaves within seconds of the poll
POSTING: Final = 2.0  # seconds: few have a webhook
PURGE_EVERY: Final = 3600.0
EMPTY_EVERY: Final = 6 * 3600.0


def build(settings: Settings, store: Store, bus: Bus, clock: Clock) -> Service:
    with store.writing() as session:
        made_keys(session, settings)
        say_where_mails_go(session, settings, store.now(session))
        look_for_relay(session, settings, store.now(session))
    keeper = open_keeper(settings, store)
    loops = [
        stage_loop(bus, Stage(STAGE, ARCHIVED, match_and_assign(store, settings.instant_per_hour))),
        Loop(
            f"{STAGE}.assign",
            lambda: rematch(store) or introduce(store) or assign(store, settings.instant_per_hour),
            TICK,
        ),
        *deliveries(settings, store, keeper, TICK, Watchman(store, bus).over),
        Loop(f"{STAGE}.journal", keeper.look, LOOK_EVERY),
        Loop(f"{STAGE}.empty", lambda: if_believed(store, lambda: tell_of_emptiness(store)), EMPTY_EVERY),
        Loop(f"{STAGE}.purge", lambda: purge_once(settings, store), PURGE_EVERY),
    ]
    if settings.webhooks != OFF:
        poster = Poster(store, Postman(settings, clock), clock, settings.portal_url)
        loops.append(Loop(f"{STAGE}.webhooks", poster.step, POSTING, close=poster.close, halt=poster.halt))
    if settings.hub and settings.public_url:
        announcer = Announcer(store, WebClient(settings, clock, spacing=0.0), settings.hub)
        loops.append(Loop(f"{STAGE}.hub", announcer.step, LOOK_AT_FEEDS))
    if account := account_of(settings):
        loops.append(Loop(f"{STAGE}.bounces", ReturnBox(settings, store, account).visit, EVERY))
    return LoopService(STAGE, loops)


def say_where_mails_go(session: Session, settings: Settings, now: datetime) -> None:
    """Files are for trying out: an installation that readers find, and that mails nobody, is to be told apart; and
    so is one whose mails lead nowhere, or come from nowhere.
    """
    folder, sender = str(settings.mail_dir), parseaddr(settings.mail_from)[1]
    relay, public = bool(settings.smtp_url), bool(settings.public_url)
    said = (
        (relay and bool(settings.mail_only_to), told(CHOSEN, folder=folder)),
        (public and not relay, told(FILES, folder=folder, url=settings.public_url)),
        (relay and not public, told(LINKS, url=settings.portal_url)),
        (relay and sender.endswith("@localhost"), told(SENDER, sender=sender)),
    )
    for so, reason in said:
        if so:
            raise_notice(session, reason.key, Weight.WARNING, reason, now)
        else:
            withdraw(session, reason.key)


def open_keeper(settings: Settings, store: Store) -> Keeper:
    """The journal of the settings; it is opened at the first look."""
    return Keeper(
        store,
        settings.journal_path,
        keys=lambda session: known_keys(session, settings),
        forget=lambda mails: forget(settings.mail_dir, mails),
        instance=settings.instance_name,
    )


def match_and_assign(store: Store, per_hour: int) -> Handler:
    """Matching, and at once the assignment of news that the tick would do: no backlog means that none is owed.

    Digests are left to the tick: those of a busy hour must not hold up the next item.
    """
    matcher = Matcher(store)

    def handle(records: Sequence[Record]) -> Outcome:
        outcome = matcher.handle(records)
        updates.look(store, matcher.again, per_hour)
        while assign(store, per_hour, (Every.INSTANT,)):
            pass
        return outcome

    return handle


def purge_once(settings: Settings, store: Store) -> bool:
    """Remove what nobody confirmed, mails included, and files that erasures left. Never in a hurry: False.

    A mail may have been on its way to its file when its person was erased, or a process died in between. By a
    clock that cannot be believed nothing is old.
    """
    with store.writing() as session:
        keys = made_keys(session, settings)
        believed = may_age(session, store.now(session))
    if believed:
        retention = retention_of(settings)
        forget(settings.mail_dir, purge_for_good(store, keys=keys, retention=retention).mails)
        forget(settings.mail_dir, outlived(store, names(settings.mail_dir), retention))
    else:
        empty_log(store)
    forget(settings.mail_dir, strays(store, names(settings.mail_dir)))
    return False

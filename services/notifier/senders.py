"""The senders of a process: how many there are, and what each is a loop of."""

from collections.abc import Sequence
from typing import Final

from services.notifier.authentication.signing import signer_of
from services.notifier.chosen import OnlyTo
from services.notifier.claims import CLAIM
from services.notifier.deliver import Deliverer
from services.notifier.greeting import LOOK_EVERY, Greetings
from services.notifier.outcomes import Sender
from services.notifier.pen import Pen, WatchedSince
from services.notifier.sink import FileSink
from services.notifier.smtp import SmtpRelay
from services.notifier.templates import load_templates
from services.notifier.unset import WaitingSink
from shared.config import Settings
from shared.journal.keeper import Keeper
from shared.runtime import Loop
from shared.store import Store
from shared.subscriptions.keyring import known_keys
from shared.subscriptions.links import Links

STAGE: Final = "notifier"
NAME: Final = f"{STAGE}.deliver"
SENDERS: Final = 3  # at most: large providers take three connections of one client
FURTHER_TICK: Final = 3.0  # seconds: the first sender mostly does it alone


def deliveries(
    settings: Settings, store: Store, keeper: Keeper, tick: float, watched: WatchedSince = lambda _: None
) -> Sequence[Loop]:
    """The senders: a single one, while it keeps up; the others come in where a mail takes its time, or many wait.

    Each has a connection of its own and shares the queue with its like, here and in other processes. The last one
    that ends closes the journal.
    """
    relays = [relay_of(settings) for _ in range(SENDERS)] if settings.smtp_url else []
    hands = [limited(settings, relay) for relay in relays] or [WaitingSink(settings.mail_dir, store)]
    pen = pen_of(settings, watched)
    names = [f"#{number + 1}" if number else "" for number in range(len(hands))]
    senders = {
        name: Deliverer(
            store,
            hand,
            keeper,
            pen=pen,
            links=lambda session: Links(settings.portal_url, known_keys(session, settings)),
            instance=f"{settings.instance_name}{name}",
        )
        for name, hand in zip(names, hands, strict=True)
    }
    at_work = dict(senders)
    greetings = Greetings(store, relays)
    return [
        *(_loop(name, senders, at_work, keeper, FURTHER_TICK if name else tick) for name in names),
        Loop(f"{STAGE}.greeting", greetings.look, LOOK_EVERY),
    ]


def pen_of(settings: Settings, watched: WatchedSince) -> Pen:
    """What writes the mails of the settings."""
    signer = signer_of(settings)
    sign = signer.sign if signer else None
    return Pen(
        settings.mail_from,
        load_templates(settings.imprint),
        settings.bounces_to,
        sign,
        watched,
        settings.mail_reply_to,
    )


def open_sender(settings: Settings) -> Sender:
    """The relay of the settings, or the file sink while there is none."""
    if not settings.smtp_url:
        return FileSink(settings.mail_dir)
    return limited(settings, relay_of(settings))


def relay_of(settings: Settings) -> SmtpRelay:
    """The relay of the settings, which name one."""
    return SmtpRelay(settings.smtp_url, hello=settings.hello_name, ca_file=settings.ca_file)


def limited(settings: Settings, relay: Sender) -> Sender:
    """Only for those whom the settings allow it."""
    allowed = settings.mail_only_to
    return OnlyTo(allowed, relay, FileSink(settings.mail_dir)) if allowed else relay


def _loop(
    name: str, senders: dict[str, Deliverer], at_work: dict[str, Deliverer], keeper: Keeper, idle: float
) -> Loop:
    one = senders[name]

    def step() -> bool:
        for other in senders.values():
            other.relieve()
        return one.step()

    def close() -> None:
        try:
            one.close()
        finally:
            at_work.pop(name)
            if not at_work:
                keeper.close()

    patience = CLAIM.total_seconds()
    return Loop(f"{NAME}{name}", step, idle, close=close, halt=one.halt, patience=patience)

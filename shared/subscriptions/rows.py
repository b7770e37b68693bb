"""What the columns of a subscription mean: its options, and itself as others see it."""

from shared.subscriptions.options import Options, Strength
from shared.subscriptions.subscription import Subscription
from shared.subscriptions.tables import SubscriptionRow
from shared.subscriptions.words import Every


def options_of(row: SubscriptionRow) -> Options:
    """What its reader chose."""
    return Options(
        row.weekday,
        row.hour,
        row.zone,
        row.quiet_from,
        row.quiet_until,
        Strength(row.strength),
        row.updates,
    )


def choose(row: SubscriptionRow, options: Options) -> None:
    """Write what its reader chooses."""
    row.weekday, row.hour, row.zone = options.weekday, options.hour, options.zone
    row.quiet_from, row.quiet_until, row.strength = options.quiet_from, options.quiet_until, options.strength
    row.updates = options.updates


def shown(row: SubscriptionRow) -> Subscription:
    """The subscription as pages and mails show it."""
    return Subscription(
        id=row.id,
        person=row.person,
        query=row.query,
        every=Every(row.every),
        language=row.language,
        confirmed=row.confirmed_at is not None,
        ended=row.ended_at is not None,
        options=options_of(row),
        paused_until=row.paused_until,
        since=row.confirmed_at,
        group=row.group_name or "",
    )

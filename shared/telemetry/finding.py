"""Pure. What a finding is, and which kinds there are. Their sentences stand in `locales/`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.telemetry.facts import Weight
from shared.telemetry.told import Told

RED, WARNING = Weight.RED, Weight.WARNING


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of finding: how much it weighs, and what to do about it; `{subject}` stands for what it is about."""

    weight: Weight
    remedy: str


# notices of the stages bring kinds of their own beside these
KINDS: Final[Mapping[str, Kind]] = {
    "stage.silent": Kind(
        RED,
        "Start it: `vigie run`, or `vigie run --alone {subject}` beside the others. The end of its log says more.",
    ),
    "stage.red": Kind(RED, "Do what it says; `vigie doctor` checks every part."),
    "stage.stands": Kind(
        RED,
        "Restart it; if it stands again, run `vigie run --alone {subject}` with VIGIE_LOG_LEVEL=debug.",
    ),
    "stage.dead": Kind(RED, "`vigie dead list` says why; then `vigie dead retry ID` or `vigie dead discard ID`."),
    "process.dies": Kind(
        RED,
        "The end of its log says of what: a lack of memory, a hang (exit code 70), a signal; "
        "`vigie doctor` checks the parts.",
    ),
    "world.trouble": Kind(RED, "Do what it says; `vigie doctor` checks every part."),
    "world.future": Kind(
        RED,
        "Set the clock of every machine and let it be kept (NTP); `vigie status` then falls silent by itself.",
    ),
    "world.room": Kind(WARNING, "Make room; `vigie doctor` names the folder."),
    "sources.none": Kind(
        WARNING,
        "`vigie sources list` shows what there is; `vigie sources resume ID` switches one on.",
    ),
    "sources.silent": Kind(
        RED,
        "So many at once is our own network: `vigie sources probe URL` asks one, `vigie doctor` the rest.",
    ),
    "sources.many": Kind(
        RED,
        "`vigie sources list` says what each answers; if they say the same, it is our own network: "
        "`vigie doctor`.",
    ),
    "sources.still": Kind(
        RED,
        "An old copy on the way, or all of them at rest: `vigie sources probe URL` shows what arrives here, a "
        "browser elsewhere what is there. If they differ, look at the proxy (VIGIE_PROXY_URL) or cache between; "
        "`vigie sources list` says since when.",
    ),
    "source.sick": Kind(
        WARNING,
        "`vigie sources show {subject}` says more, and what could be accepted; "
        "`vigie sources verify {subject} --bundle FILE` looks for another way, `vigie sources apply FILE` "
        "takes it; `vigie sources pause {subject}` gives it up.",
    ),
    "source.held": Kind(
        WARNING,
        "`vigie sources show {subject}` shows them; `vigie sources release {subject}` sends them.",
    ),
    "source.refused": Kind(
        WARNING,
        "`vigie sources show {subject}` shows them with the reasons; it is silent two weeks after the last one.",
    ),
    "sources.quiet": Kind(
        WARNING,
        "`vigie sources list` says which; where one moved, `vigie sources accept ID` takes the new address.",
    ),
    "sources.undated": Kind(
        WARNING,
        "Their entries count from when they were first seen. `vigie sources show ID` says what of the dates is "
        "wrong; `vigie sources verify ID --bundle FILE` looks for a way that dates them. It ends by itself once "
        "dates stay.",
    ),
    "mails.overdue": Kind(
        RED,
        "`vigie deliveries list --state pending` says why each waits; `vigie doctor` asks the relay, "
        "`vigie deliveries release --all` tries at once what it put off.",
    ),
    "mails.unmade": Kind(RED, "Restart the notifier, `vigie run --alone notifier`, and read its log."),
    "mails.failed": Kind(
        RED,
        "`vigie doctor` asks the relay; then `vigie deliveries release --all` or `vigie deliveries discard ID`.",
    ),
    "mailbox.waits": Kind(
        WARNING,
        "It is tried for three days; `vigie deliveries list --state pending` says what each mailbox answers. "
        "Several at once, or all: `vigie doctor` asks the relay.",
    ),
    "mailbox.dead": Kind(
        WARNING,
        "Nothing is to be done; `vigie deliveries list --state failed` says what the relay answered.",
    ),
    "webhooks.paused": Kind(
        WARNING,
        "Its reader was mailed, and lets it go on from the page of their subscriptions. Several at once: can this "
        "machine reach the web? `vigie doctor`. It is silent after a week.",
    ),
    "deliveries.held": Kind(
        RED,
        "`vigie deliveries list --state held` says why; then `vigie deliveries release ID` or `vigie "
        "deliveries discard ID`.",
    ),
}
# notices that a stage takes back itself: nobody is asked to, for what is hidden would still be so
ENDING: Final = frozenset(
    {
        "bounces.unread", "clock.unset", "hub.unheard", "index.renews", "mails.chosen", "mails.files",
        "mails.links", "mails.sender", "relay.limit", "relay.refuses", "relay.silent", "settings.contact",
        "store.restored", "subscriptions.unread",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that needs a look. `id` is its kind, `subject` what it is about: a stage, a source, or nothing.

    `remedy` names a command or a page. `since` is when it began, where that is known. `notice` is the key under
    which an operator may clear it, empty for what only ends with its cause. `told` is the reason for readers of
    other languages; None where an earlier version noted it.
    """

    id: str
    weight: Weight
    subject: str
    reason: str
    remedy: str
    since: datetime | None = None
    notice: str = ""
    told: Told | None = None


def finding(kind: str, subject: str, told: Told, since: datetime | None = None) -> Finding:
    """A finding of one of KINDS."""
    of = KINDS[kind]
    return Finding(kind, of.weight, subject, str(told), of.remedy.format(subject=subject), since, told=told)

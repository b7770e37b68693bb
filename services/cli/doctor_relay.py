"""Speaks with the mail relay as a mail would, from greeting and login to the recipient; no mail is sent."""

from email.utils import parseaddr
from typing import TYPE_CHECKING, Final

from shared.config import Settings
from shared.errors import MailUnavailable
from shared.mail_names import bounce_address
from shared.service_url import read_service_url

if TYPE_CHECKING:
    from services.notifier.smtp import Rehearsed

CONNECT, COMMAND, WHOLE = 5.0, 15.0, 60.0  # seconds, for who sits and waits
OURS: Final = "Check user and password in VIGIE_SMTP_URL, VIGIE_MAIL_FROM, and what the relay allows this machine."
SENDER: Final = "That is where bounces come back to (VIGIE_BOUNCES_TO, VIGIE_MAIL_FROM): it must take them."
SAMPLE: Final = "0" * 48  # as long as the token in an address that mails come back to


def ask(settings: Settings) -> str:
    """What the relay says to a mail of ours. Raises MailUnavailable with what it refuses, and what to do."""
    from services.notifier.outcomes import without_addresses
    from services.notifier.refusals import About

    place, rehearsed = spoken(settings)
    refused = rehearsed.refused
    if refused is None:
        return f"{place} would take a mail of ours ({rehearsed.tls or 'no TLS'}); none was sent"
    said = f"{place} refuses {_command(refused.phase)}: {without_addresses(refused.reason)}"
    if refused.about in (About.CONNECTION, About.LIMIT, About.GREYLISTED, About.MAILBOX_LATER):
        return f"{said}; that passes"
    raise MailUnavailable(f"{said}. {OURS if refused.about is About.US else SENDER}")


def spoken(settings: Settings) -> tuple[str, "Rehearsed"]:
    """The relay's name for people, and how speaking with it went. Raises MailUnavailable where it does not."""
    from services.notifier.smtp import Limits, SmtpRelay

    limits = Limits(connect=CONNECT, command=COMMAND, whole=WHOLE)
    relay = SmtpRelay(settings.smtp_url, hello=settings.hello_name, ca_file=settings.ca_file, limits=limits)
    sender = parseaddr(settings.mail_from)[1]
    if settings.bounces_to:
        sender = bounce_address(settings.bounces_to, SAMPLE)
    url = read_service_url("VIGIE_SMTP_URL", settings.smtp_url)
    try:
        return f"the relay {url.host}:{url.port}", relay.rehearse(sender)
    except MailUnavailable as error:
        raise MailUnavailable(f"{error}. Check VIGIE_SMTP_URL.") from error


def _command(phase: int) -> str:
    return ("our greeting or login", "our sender (MAIL FROM)", "our sender's own address (RCPT TO)")[min(phase, 2)]

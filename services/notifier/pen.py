"""Writes letters as mails: with what is the same for all mails of an installation."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from services.notifier.compose import compose
from services.notifier.letters import Letter, Watched
from services.notifier.mime import Mail
from services.notifier.templates import Templates
from shared.subscriptions.links import Links

Sign = Callable[[Mail], Mail]
WatchedSince = Callable[[datetime], Watched | None]  # what a digest says of silence


@dataclass(frozen=True, slots=True)
class Pen:
    """Who sends, how it looks, where it and its answers go, who signs it, and who knows about silence."""

    mail_from: str
    templates: Templates
    bounces_to: str = ""
    sign: Sign | None = None
    watched: WatchedSince = lambda _: None
    reply_to: str = ""

    def write(self, letter: Letter, links: Links, now: datetime) -> Mail:
        """The mail as it leaves. Raises Unprocessable where it holds what no mail may."""
        if letter.since is not None:
            letter = replace(letter, watched=self.watched(letter.since))
        mail = compose(
            letter,
            sender=self.mail_from,
            links=links,
            templates=self.templates,
            now=now,
            bounces_to=self.bounces_to,
            reply_to=self.reply_to,
        )
        return self.sign(mail) if self.sign else mail

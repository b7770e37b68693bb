"""A sender for trying out: chosen readers get their mails, everybody else's become files."""

from collections.abc import Sequence

from services.notifier.mime import Mail
from services.notifier.outcomes import Outcome, Sender


class OnlyTo:
    """Hands mails to these addresses and domains (`@example.org`) to `chosen`, all others to `others`."""

    def __init__(self, allowed: Sequence[str], chosen: Sender, others: Sender) -> None:
        self._allowed = frozenset(each.casefold() for each in allowed)
        self._chosen, self._others = chosen, others

    def send(self, mail: Mail) -> Outcome:
        address = mail.recipient.casefold()
        domain = f"@{address.rpartition('@')[2]}"
        return (self._others if self._allowed.isdisjoint((address, domain)) else self._chosen).send(mail)

    def rest(self) -> None:
        self._chosen.rest()

    def halt(self) -> None:
        self._chosen.halt()

"""The file sink, while no SMTP host is set: `<delivery_id>.eml` in a folder that the portal shows.

A file appears whole or not at all (written aside, then renamed), and the same delivery always takes the same name.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from services.notifier.mime import Mail
from services.notifier.outcomes import Outcome, Sent
from shared.errors import MailUnavailable


class FileSink:
    """Writes mails into `folder`, which it makes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, mail: Mail) -> Outcome:
        path = self._folder / f"{mail.delivery}.eml"
        aside = path.with_suffix(".part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with aside.open("wb") as file:
                file.write(mail.as_bytes())
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        except OSError as error:
            raise MailUnavailable(f"the mail folder {self._folder} cannot be written: {error.strerror}") from error
        return Sent()

    def rest(self) -> None:
        """Nothing is held."""


def forget(folder: Path, deliveries: Iterable[str]) -> None:
    """Remove the files of these mails, where there are any."""
    for delivery in deliveries:
        (folder / f"{delivery}.eml").unlink(missing_ok=True)

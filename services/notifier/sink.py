"""The file sink, while no SMTP host is set: `<delivery_id>.eml` in a folder that the portal shows.

A file appears whole or not at all (written aside, then renamed), and the same delivery always takes the same name.
"""

import os
from pathlib import Path

from services.notifier.mime import Mail
from services.notifier.outcomes import Outcome, Sent
from shared import disk
from shared.errors import MailUnavailable
from shared.mail_files import ASIDE, MAIL


class FileSink:
    """Writes mails into `folder`, which it makes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, mail: Mail) -> Outcome:
        path = self._folder / f"{mail.delivery}{MAIL}"
        aside = path.with_suffix(ASIDE)
        try:
            disk.private_folder(self._folder)
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

    def halt(self) -> None:
        """Nothing lasts."""

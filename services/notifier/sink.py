"""The file sink, while no SMTP host is set: `<delivery_id>.eml` in a folder that the portal shows.

A file appears whole or not at all (written aside, then renamed), and the same delivery always takes the same name.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from services.notifier.mime import Mail
from services.notifier.outcomes import Outcome, Sent
from shared import disk
from shared.errors import MailUnavailable

MAIL: Final = ".eml"
ASIDE: Final = ".part"


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


def forget(folder: Path, deliveries: Iterable[str]) -> None:
    """Remove the files of these mails, where there are any: finished ones, and one that was being written."""
    for delivery in deliveries:
        for suffix in (MAIL, ASIDE):
            (folder / f"{delivery}{suffix}").unlink(missing_ok=True)


def names(folder: Path) -> frozenset[str]:
    """The deliveries that have a file, finished or not."""
    files = folder.iterdir() if folder.is_dir() else ()
    return frozenset(path.stem for path in files if path.suffix in (MAIL, ASIDE))

"""A folder of files that are trusted only where their digests are those of its manifest.

A file that is missing or damaged is named, with what to do about it.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from shared.errors import ConfigError

MANIFEST: Final = "manifest.json"


class Damaged(ConfigError):
    """Files that come with Vigie cannot be used; says which and why."""


@dataclass(frozen=True, slots=True)
class Files:
    """The files `names` in `folder`, called `what` before people; `repair` says what follows and what to do."""

    folder: Path
    names: tuple[str, ...]
    what: str
    repair: str

    def manifest(self) -> Any:
        """The manifest, once every file was compared with it. Raises Damaged."""
        manifest = self._read()
        try:
            expected = {name: str(manifest["files"][name]) for name in self.names}
        except (KeyError, TypeError) as error:
            raise self.no_manifest(error) from error
        for name, known in expected.items():
            self._compare(self.folder / name, known)
        return manifest

    def damaged(self, why: str) -> Damaged:
        """The error that says `why`, and what to do."""
        return Damaged(f"{why}. {self.repair}")

    def no_manifest(self, error: Exception) -> Damaged:
        """The error for a manifest in which something is missing or wrong."""
        return self.damaged(f"{self.folder / MANIFEST} is not a manifest: {error} is missing or wrong")

    def _read(self) -> Any:
        file = self.folder / MANIFEST
        try:
            return json.loads(file.read_text("utf-8"))
        except FileNotFoundError as error:
            raise self.damaged(f"{self.what} is not there: {file} is missing") from error
        except (OSError, ValueError) as error:
            raise self.damaged(f"{file} cannot be read: {error}") from error

    def _compare(self, file: Path, expected: str) -> None:
        try:
            found = digest(file)
        except OSError as error:
            raise self.damaged(f"{file} of {self.what} cannot be read: {error.strerror}") from error
        if found != expected:
            raise self.damaged(f"{file} of {self.what} is damaged: its digest is not the manifest's")


def digest(file: Path) -> str:
    """SHA-256 of the file, in hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

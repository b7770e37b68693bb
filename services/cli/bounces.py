"""Read mails that came back, and complaints, from files, mailbox files or standard input, and do what follows.

A mailbox that does not exist is suspended at once, one that refuses for days by and by, and who complained gets
nothing more. What a mail is about says the address that Vigie signed (VIGIE_BOUNCES_TO), or the mail it carries.
Each mail is one line; what was done goes to standard error. --dry-run does nothing.

example: vigie bounces read returned.eml
example: vigie bounces read --dry-run --json /var/mail/bounces
example: vigie bounces read -                 # from a mail server; docs/deploy.md has its two lines
exit codes: 0 read, whatever it was, 1 a file could not be read, 2 usage or settings, 3 no database; 75 instead of
the last two where standard input is read: a mail server then keeps the mail and tries again
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shared.config import Settings
from shared.errors import ConfigError, Unavailable

if TYPE_CHECKING:
    from services.notifier.bounces.book import Book, Said

TRY_AGAIN: Final = 75  # EX_TEMPFAIL of sysexits.h
STDIN: Final = "-"
RAW: Final = argparse.RawDescriptionHelpFormatter


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="read")
    read = actions.add_parser(
        "read", help="read mails and do what follows", description=__doc__, formatter_class=RAW
    )
    read.add_argument("files", nargs="*", metavar="FILE", help="a mail or an mbox; - or none: standard input")
    read.add_argument("--dry-run", action="store_true", help="only say what each mail is")
    read.add_argument("--json", action="store_true", help="machine output, one object a line")


def run(args: argparse.Namespace, settings: Settings) -> int:
    files = args.files or [STDIN]
    try:
        with _book(settings, dry=args.dry_run) as book:
            whole = [_read(name, book, machine=args.json) for name in files]
    except (Unavailable, ConfigError) as error:
        if STDIN not in files:
            raise
        print(f"vigie bounces: {error}", file=sys.stderr)
        return TRY_AGAIN
    return 0 if all(whole) else 1


def _book(settings: Settings, *, dry: bool) -> "Book":
    from services.notifier.bounces.book import Book

    return Book.looking(settings) if dry else Book.ready(settings)


def _read(name: str, book: "Book", *, machine: bool) -> bool:
    """One file. False where it cannot be read."""
    from services.notifier.bounces.mailbox_file import mails_of

    shown = os.fsencode(name).decode("utf-8", "replace")
    try:
        raw = _stdin() if name == STDIN else Path(name).read_bytes()
    except OSError as error:
        print(f"vigie bounces: {shown} cannot be read: {error.strerror}", file=sys.stderr)
        return False
    for mail in mails_of(raw):
        said = book.enter(mail)
        for line in _lines(shown, said, machine=machine):
            print(line, flush=True)
        if said.followed:
            print(f"vigie bounces: {shown}: {said.followed}", file=sys.stderr)
    return True


def _stdin() -> bytes:
    return sys.stdin.buffer.read() if sys.stdin else b""  # a server may start us with none


def _lines(name: str, said: "Said", *, machine: bool) -> Iterator[str]:
    if machine:
        fields = {"file": name, "verdict": said.verdict, "code": said.code, "delivery": said.delivery}
        yield json.dumps(fields, ensure_ascii=False)
    else:
        yield f"{name}  {said.verdict}  {said.code or '-'}  {said.delivery or '-'}"

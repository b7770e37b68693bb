"""Start all services, or those named, and keep them running until SIGTERM or Ctrl-C.

A small parent process restarts the worker when it dies. On the embedded database it migrates by itself. A database
or a broker that does not answer yet is waited for.

example: vigie run
example: vigie run collector classifier
exit codes: 0 stopped on request, 1 already running, 2 settings or a taken port
"""

import argparse
import sys
from typing import Final

from shared.config import Settings
from shared.loading import load

SERVICES: Final = ("collector", "classifier", "archivist", "notifier", "portal")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "services", nargs="*", metavar="SERVICE", help=f"one of {', '.join(SERVICES)}; default all"
    )
    parser.add_argument("--worker", type=int, metavar="FD", help=argparse.SUPPRESS)
    parser.add_argument(
        "--alone", action="store_true", help="no parent process: for a container engine that restarts by itself"
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    names = tuple(dict.fromkeys(args.services)) or SERVICES
    for name in names:
        if name not in SERVICES:
            print(f"vigie run: no service {name!r}; there are {', '.join(SERVICES)}.", file=sys.stderr)
            return 2
    if args.worker is None and not args.alone:
        from shared.supervise import Supervisor, vigie_command

        return Supervisor(lambda pipe: vigie_command(("run", "--worker", str(pipe), *names))).run()
    code: int = load("services.cli.worker").work(settings, names, args.worker)
    return code

"""The command line and composition root. The one place that knows several services, each imported when asked for.

Exit codes: 0 done; 1 done, and the answer is no (not a feed, bad lines, something is red); 2 usage or settings;
3 a part of the world does not answer (database, broker, relay); 130 interrupted.
"""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from shared.config import Settings, load_settings
from shared.errors import ConfigError, Unavailable, VigieError
from shared.loading import load
from shared.threads import one_thread_for_arithmetic

OK: Final = 0
NO: Final = 1
USAGE: Final = 2
UNAVAILABLE: Final = 3
INTERRUPTED: Final = 130

# command -> (module in this package, one line of help)
COMMANDS: Final = {
    "run": ("run", "start all services, or those named"),
    "demo": ("demo", "show the product with a local site, without internet"),
    "sources": ("sources", "list, show, probe, add, pause, poll, release, import, export sources"),
    "parse": ("parse", "show what the parser makes of a feed"),
    "classify": ("classify", "tag a text, or JSON lines"),
    "classifier": ("classifier", "measure the model, correct what it says, give corrections out"),
    "import": ("importing", "bring old items into the archive"),
    "search": ("search", "query the archive"),
    "mcp": ("mcp", "let an assistant read the archive (Model Context Protocol)"),
    "watched": ("watched", "say whether anything matched, and whether everybody was watched"),
    "compare": ("compare", "say what one version of a text has that the other has not"),
    "one-sided": ("one_sided", "say what one country published on a theme and the other did not"),
    "items": ("items", "take items out of the archive for good, list those that were"),
    "stories": ("stories", "show what tells one event and why; split, merge, keep apart"),
    "explain": ("explain", "say why an item has its tags, and whom it reached"),
    "reclassify": ("reclassify", "run the classifier over the archive again, without mail"),
    "replay": ("replay", "let a stage read again from a moment on"),
    "dead": ("dead", "list, show, retry, discard dead letters"),
    "deliveries": ("deliveries", "list, preview, hold, release, discard mails"),
    "bounces": ("bounces", "read mails that came back, and complaints"),
    "people": ("people", "add, list, show, export, erase subscribers; show what they agreed to"),
    "groups": ("groups", "subscriptions that you own for a list of addresses"),
    "keys": ("keys", "list the keys of links and addresses, change the one that signs links"),
    "status": ("status", "say what runs, waits and is red"),
    "doctor": ("doctor", "check the installation and say what to do"),
    "config": ("config", "show or check the settings"),
    "migrate": ("migrate", "bring database and topics up to date"),
    "backup": ("backup", "write database, log and mails of one moment into a file"),
    "restore": ("restore", "put a backup back"),
    "completion": ("completion", "print what completes commands and options in bash or zsh"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    one_thread_for_arithmetic()
    if sys.stdout is None:  # `>&-`: nobody wants to hear it
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 until the process ends
    argv = sys.argv[1:] if argv is None else argv
    if not argv or argv[0] in ("-h", "--help"):
        print(_overview())
        return OK if argv else USAGE
    if argv[0] in ("-V", "--version"):
        from importlib.metadata import version

        print(f"vigie {version('vigie')}")
        return OK
    if argv[0] not in COMMANDS:
        print(f"vigie: no command {argv[0]!r}. `vigie --help` lists them.", file=sys.stderr)
        return USAGE
    return _run(argv[0], argv[1:])


def _run(name: str, arguments: Sequence[str]) -> int:
    module = load(f"services.cli.{COMMANDS[name][0]}")
    parser = argparse.ArgumentParser(
        prog=f"vigie {name}", description=module.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    module.configure(parser)
    args = parser.parse_args(arguments)  # argparse itself ends with 2 on wrong usage
    try:
        settings = load_settings()
        _log_to_stderr(settings)
        code: int = module.run(args, settings)
        sys.stdout.flush()  # what cannot be written is said here, not by the interpreter when it ends
        return code
    except ConfigError as error:
        return _failed(name, error, USAGE)
    except Unavailable as error:
        return _failed(name, error, UNAVAILABLE)
    except VigieError as error:
        return _failed(name, error, NO)
    except BrokenPipeError:  # `vigie search … | head` closes our standard output
        _drop_output()
        return OK
    except OSError as error:  # a disk that is full, a file that nobody may write
        _drop_output()
        where = f"{error.filename}: " if error.filename else ""
        return _failed(name, Unavailable(f"{where}{error.strerror or error}"), UNAVAILABLE)
    except KeyboardInterrupt:
        return INTERRUPTED


def _drop_output() -> None:
    """What waits to be written has nowhere to go: the interpreter must not try it once more at the end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _failed(name: str, error: VigieError, code: int) -> int:
    print(f"vigie {name}: {error}", file=sys.stderr)
    return code


def _log_to_stderr(settings: Settings) -> None:
    from shared.telemetry.logs import configure_logging

    configure_logging(settings.log_level, settings.log_format)
    logging.captureWarnings(True)


def _overview() -> str:
    width = max(map(len, COMMANDS))
    lines = "\n".join(f"  {name:<{width}}  {help_}" for name, (_, help_) in COMMANDS.items())
    return (
        "vigie COMMAND [OPTIONS]\n\n"
        "Watches what German and French research, government and industry publish on AI and digital\n"
        f"technology, and tells the people who need to know.\n\n{lines}\n\n"
        "`vigie COMMAND --help` shows an example. Settings: VIGIE_* and vigie.toml, see `vigie config show`.\n"
        "Exit codes: 0 done, 1 the answer is no, 2 usage or settings, 3 something does not answer."
    )

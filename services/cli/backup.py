"""Back everything up into one file while Vigie runs: database, log and mail folder of one moment.

On PostgreSQL the rows, on Kafka how far its groups are: topics stay where they are. Not in it: the journal
(VIGIE_JOURNAL), which must outlive the database, and settings and sources file. The file holds addresses and the
keys of links: it is made for its owner alone; encrypt what you carry away.

example: vigie backup /srv/backups/vigie.zip
example: vigie backup "backups/$(date +%F).zip" --json
exit codes: 0 done, 1 a database is damaged, 2 usage or settings, 3 no room, or database or bus do not answer
"""

import argparse
import json
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

from services.cli.moving import Bars
from services.cli.shown import moment
from shared.backup.taking import take
from shared.clock import SystemClock, rfc3339
from shared.config import Settings
from shared.errors import ConfigError
from shared.store.schema import check
from shared.wiring import open_bus, open_store


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="where to write it; one that is there is replaced")
    parser.add_argument("--json", action="store_true", help="machine output")


def run(args: argparse.Namespace, settings: Settings) -> int:
    target: Path = args.file.absolute()
    _fit_to_write(target, settings)
    with closing(open_store(settings)) as store, closing(open_bus(settings)) as bus, closing(Bars()) as bars:
        check(store)
        made = take(
            store,
            bus,
            settings.mail_dir,
            target,
            clock=SystemClock(),
            program=version("vigie"),
            steps=bars,
        )
    size = target.stat().st_size
    if args.json:
        said = {"file": str(target), "bytes": size, "at": rfc3339(made.at), "store": made.store, "bus": made.bus}
        print(json.dumps(said | {"mails": made.mails}))
    else:
        print(
            f"{target}: {size:,} bytes, as of {moment(made.at, settings.calendar)}. `vigie restore` puts it back."
        )
    return 0


def _fit_to_write(target: Path, settings: Settings) -> None:
    """Raises ConfigError for a place that cannot be written, or that the next restore would replace."""
    if target.is_relative_to(settings.data_dir.absolute()):
        raise ConfigError(f"{target} lies in the data folder itself; a backup belongs on another disk.")
    if target.is_dir() or not target.parent.is_dir():
        raise ConfigError(f"{target} cannot be written: name a file in a folder that is there.")

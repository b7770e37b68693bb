"""Check the installation and say what to do about each thing that is wrong. Changes nothing that matters.

example: vigie doctor
example: vigie doctor --json
example: vigie doctor mail --address 192.0.2.7   # SPF, DKIM, DMARC, PTR, TLS, and the bytes of a sample
example: vigie doctor mail --received arrived.eml
exit codes: 0 all is well, 1 something is not, 2 the settings cannot be read
"""

import argparse
import json
import os
import socket
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from services.cli import doctor_mail
from services.cli.shown import counted
from shared import disk
from shared.config import Settings
from shared.errors import ConfigError, VigieError
from shared.worker import answers, check_port

WITHIN: Final = 5.0  # seconds for a connection to the proxy


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. `said` is what was found, or what to do."""

    name: str
    ok: bool
    said: str


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("part", nargs="?", choices=("mail",), help="what to look into; default: the installation")
    parser.add_argument("--json", action="store_true", help="machine output")
    doctor_mail.configure(parser)


def run(args: argparse.Namespace, settings: Settings) -> int:
    if args.part == "mail":
        return doctor_mail.run(args, settings)
    findings = [_finding(name, check, settings) for name, check in CHECKS.items()]
    ok = all(finding.ok for finding in findings)
    if args.json:
        print(json.dumps({"ok": ok, "checks": [asdict(finding) for finding in findings]}, ensure_ascii=False))
    else:
        for finding in findings:
            print(f"{'ok ' if finding.ok else 'NOT'}  {finding.name:<10} {finding.said}")
    return 0 if ok else 1


def _finding(name: str, check: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(name, True, check(settings))
    except (VigieError, OSError, ImportError) as error:
        return Finding(name, False, str(error))


def _python(_settings: Settings) -> str:
    return f"Python {sys.version.split()[0]} at {sys.executable}"


def _folder(settings: Settings) -> str:
    try:
        for folder in (settings.data_dir, settings.mail_dir):
            disk.private_folder(folder)
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"vigie")
    except OSError as error:
        raise ConfigError(f"{error}. Make the folder writable, or set VIGIE_DATA_DIR to another.") from error
    if disk.open_to_others(settings.data_dir):
        raise ConfigError(
            f"others on this machine may look into {settings.data_dir}, where addresses of subscribers are: "
            f"chmod 700 {settings.data_dir}"
        )
    return f"{settings.data_dir.resolve()} can be written to, and is nobody else's"


def _journal(settings: Settings) -> str:
    """Nothing is made here: a journal that appears counts."""
    path = settings.journal_path
    if path.is_relative_to(settings.data_dir.absolute()):
        raise ConfigError(f"the journal {path} lies in the data folder: whoever copies that takes it along.")
    if settings.database_url:
        return f"each notifier keeps one, at {path} of its machine"
    there = path if path.exists() else next(folder for folder in path.parents if folder.exists())
    if not (os.access(there, os.W_OK) and (there == path or there.is_dir())):
        raise ConfigError(f"the journal {path} cannot be written. Set VIGIE_JOURNAL to a file that can.")
    return f"{path} is{'' if path.exists() else ' to be'} kept, outside of the data folder"


def _disk(settings: Settings) -> str:
    free = disk.free(settings.data_dir)
    if free < disk.LITTLE:
        raise ConfigError(
            f"{free >> 20} MB are free for {settings.data_dir}; make room for {disk.LITTLE >> 20} MB at least."
        )
    return f"{free >> 20:,} MB free"


def _database(settings: Settings) -> str:
    from shared.store.schema import check
    from shared.wiring import open_store

    store = open_store(settings)
    try:
        check(store)
        store.check()
        store.read_through()
    finally:
        store.close()
    place = settings.redacted()["database_url"] or settings.store_url
    return f"{place} has the schema of this program{', and is whole' if store.sqlite else ''}"


def _bus(settings: Settings) -> str:
    from shared.bus import TOPICS
    from shared.bus.dead import open_count
    from shared.bus.sqlite import SqliteBus
    from shared.wiring import open_bus

    bus = open_bus(settings)
    try:
        bus.check(TOPICS)
        if isinstance(bus, SqliteBus):
            bus.read_through()
        dead = sum(open_count(bus, topic) for topic in TOPICS)
    finally:
        bus.close()
    place = settings.redacted()["bus_url"] or f"{settings.data_dir / 'bus.db'} is whole and"
    return f"{place} answers; {dead} dead letters"


def _sources(settings: Settings) -> str:
    import services.collector
    from shared.sources.catalogue import load_catalogue

    path = settings.sources or Path(services.collector.__path__[0]) / "sources.toml"
    catalogue = load_catalogue(path)
    enabled = sum(source.enabled for source in catalogue)
    if red := _of_many_sources(settings):
        raise VigieError(red)
    return f"{counted(len(catalogue), 'source')} in {path}, {enabled} enabled"


def _of_many_sources(settings: Settings) -> str:
    """What is red of the sources that are on; nothing where the database does not answer, which it says itself."""
    from shared.store.schema import check
    from shared.telemetry.facts import Weight
    from shared.telemetry.finding_sources import of_sources
    from shared.telemetry.queries import watched
    from shared.wiring import open_store

    try:
        with closing(open_store(settings)) as store:
            check(store)
            with store.reading() as session:
                found = [one for one in of_sources(watched(session)) if one.weight is Weight.RED]
    except VigieError:
        return ""
    return " ".join(f"{one.reason}. {one.remedy}" for one in found)


def _portal(settings: Settings) -> str:
    host, port = settings.http_host_port
    try:
        check_port(host, port)
    except ConfigError:
        if not answers(host, port):
            raise
        return f"the portal answers at {settings.portal_url}"
    return f"{settings.http} is free"


def _public(settings: Settings) -> str:
    from services.cli.doctor_public import ask

    return ask(settings)


def _mail(settings: Settings) -> str:
    if not settings.smtp_url:
        return f"no relay is set (VIGIE_SMTP_URL): mails are files in {settings.mail_dir}"
    from services.cli.doctor_relay import ask

    return ask(settings)


def _mailboxes(settings: Settings) -> str:
    from services.cli.mailboxes import ask

    return ask(settings)


def _proxy(settings: Settings) -> str:
    from shared.web.outgoing import outgoing

    out = outgoing(settings)
    if out.proxy is None:
        return "requests to the web go straight (VIGIE_PROXY_URL is not set)"
    try:
        socket.create_connection((out.proxy.host, out.proxy.port), timeout=WITHIN).close()
    except OSError as error:
        raise ConfigError(f"the proxy {out.proxy_url} does not answer: {error}. Check VIGIE_PROXY_URL.") from error
    return f"the proxy {out.proxy_url} answers"


def _model(settings: Settings) -> str:
    from services.classifier.load import load_model
    from services.classifier.shipped.load import load_shipped

    # the classifier would go on with the lexicon in place of a damaged model; here the damage is to be seen
    return load_model(settings).name if settings.model else load_shipped().name


def _meaning(_settings: Settings) -> str:
    from shared.meaning.encoder import the_encoder

    return the_encoder().version


CHECKS: Final[Mapping[str, Callable[[Settings], str]]] = {
    "python": _python,
    "folder": _folder,
    "journal": _journal,
    "disk": _disk,
    "database": _database,
    "bus": _bus,
    "sources": _sources,
    "portal": _portal,
    "public": _public,
    "mail": _mail,
    "mailboxes": _mailboxes,
    "proxy": _proxy,
    "model": _model,
    "meaning": _meaning,
}

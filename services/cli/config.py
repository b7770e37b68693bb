"""Show or check the settings.

example: vigie config show --json
"""

import argparse
import json

from shared.config import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action", choices=("show", "check"), help="show all settings, or only say whether they are right"
    )
    parser.add_argument("--json", action="store_true", help="machine output")


def run(args: argparse.Namespace, settings: Settings) -> int:
    shown = settings.redacted()
    if args.action == "check":
        _check(settings)
        print(json.dumps({"ok": True}) if args.json else "The settings are right.")
    elif args.json:
        print(json.dumps(shown, indent=2, ensure_ascii=False))
    else:
        for name, value in shown.items():
            print(f"{name} = {value}")
    return 0


def _check(settings: Settings) -> None:
    """What reading the settings does not look into. Raises ConfigError."""
    _check_sources(settings)
    if settings.bus_url:
        from shared.bus.kafka_url import read_url

        read_url(settings.bus_url)
    if settings.database_url.startswith("postgresql"):
        from shared.wiring import open_store

        open_store(settings).close()  # connects to nobody
    if settings.dkim_key_file is not None:
        from services.notifier.authentication.signing import signer_of

        signer_of(settings)
    if settings.ca_file is not None:
        from shared.web.outgoing import outgoing

        outgoing(settings)


def _check_sources(settings: Settings) -> None:
    from services.cli.mailboxes import check
    from services.collector.listing import check_selectors
    from services.collector.shipped import SHIPPED
    from shared.sources.catalogue import load_catalogue

    if settings.sources is None and not settings.mailboxes:
        return
    catalogue = load_catalogue(settings.sources or SHIPPED)
    for source in catalogue:
        check_selectors(source)
    check(catalogue, settings)

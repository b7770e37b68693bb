"""Show the product without internet: invented bodies publish on this machine, Vigie watches, a reader gets mail.

The normal services poll a local site over HTTP, in a folder that is removed at the end. Ctrl-C ends it.

example: vigie demo
example: vigie demo --port 9000 --every 10
example: vigie demo --once 3
exit codes: 0 shown, 1 something did not arrive in time, 2 settings or a taken port
"""

import argparse
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import Final

from services.cli.arguments import count, port, seconds
from shared.config import Settings

NEWS_BY_DEFAULT: Final = 3


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=port, help="port of the portal; default that of VIGIE_HTTP, or a free one")
    parser.add_argument(
        "--every", type=seconds, default=6.0, metavar="SECONDS", help="seconds between two publications; default 6"
    )
    parser.add_argument(
        "--once",
        type=count,
        nargs="?",
        const=NEWS_BY_DEFAULT,
        metavar="N",
        help=f"end by itself after N publications (default {NEWS_BY_DEFAULT}), and say what arrived",
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    from services.cli.demo_site.show import Show

    address = _address(args.port, settings)
    if address is None:
        print(f"vigie demo: port {args.port} is taken. Choose another with --port.", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that everything is cleaned up then too
    with tempfile.TemporaryDirectory(prefix="vigie-demo-", ignore_cleanup_errors=True) as folder:
        show = Show(Path(folder), address, every=args.every, most=args.once)
        try:
            return show.run()
        except KeyboardInterrupt:
            print("\nEnded. Nothing of the demonstration stays on this machine.")
            return 0
        finally:
            show.close()


def _address(wanted: int | None, settings: Settings) -> str | None:
    """Where the portal will listen; None when the wanted port is taken."""
    if wanted is not None:
        return f"127.0.0.1:{wanted}" if _free(wanted) else None
    _, port = settings.http_host_port
    return f"127.0.0.1:{port if _free(port) else _any_free()}"


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _any_free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

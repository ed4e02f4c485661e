"""The command line: `zendesk-orm emulator` serves the embedded Zendesk at a socket."""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence


try:
    from zendesk_orm import emulator
except ModuleNotFoundError as missing:
    if missing.name != "werkzeug":
        raise
    emulator = None  # type: ignore[assignment] # The command says what to install.


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command that the arguments name; by default those of the process."""
    parser = ArgumentParser("zendesk-orm", description="The Django ORM for Zendesk.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _declare_emulator(commands.add_parser("emulator", help="serve the embedded Zendesk"))
    given = parser.parse_args(arguments)
    given.run(given)


def _declare_emulator(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (%(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="0 for a free one (%(default)s)")
    parser.add_argument("--seed", help="what to fill it with: demo")
    parser.add_argument("--file", help="keep the rows in this file; in memory without it")
    parser.add_argument("--token", help="ask for this API token; any will do without it")
    parser.set_defaults(run=_emulator)


def _emulator(given: Namespace) -> None:
    """Serve an emulator until it is interrupted or terminated."""
    if emulator is None:
        sys.exit('the emulator needs Werkzeug: pip install "zendesk_orm[emulator]"')
    # Also where SIGINT was ignored when the process began, as in the background of a shell.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    with (
        emulator.Emulator(given.file, seed=given.seed, token=given.token) as zendesk,
        zendesk.serve(given.host, given.port) as server,
    ):
        print(f"Zendesk at {server.url}/api/v2/ (Ctrl+C stops it)", flush=True)
        try:
            server.wait()
        except KeyboardInterrupt:
            print("stopped")

"""The command line: `zendesk-orm emulator`, `inspect`, `check` and `scopes`."""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from zendesk_orm.account import Account, connect, connections
from zendesk_orm.errors import InvalidValue, ZendeskError
from zendesk_orm.inspection.drift import declared_models, drift
from zendesk_orm.inspection.models import inspect
from zendesk_orm.inspection.scopes import scopes_of_files
from zendesk_orm.schema.record import DEFAULT


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
    _declare_inspect(commands.add_parser("inspect", help="write an account's fields as models"))
    _declare_check(commands.add_parser("check", help="tell what models have otherwise"))
    _declare_scopes(commands.add_parser("scopes", help="list the OAuth scopes that programs need"))
    given = parser.parse_args(arguments)
    try:
        given.run(given)
    except ZendeskError as error:
        sys.exit(f"zendesk-orm: {error}")


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


def _declare_inspect(parser: ArgumentParser) -> None:
    parser.add_argument("--url", help="of the account; the environment names it without")
    parser.add_argument("-o", "--output", type=Path, help="the file to write; printed without")
    parser.set_defaults(run=_inspect)


def _inspect(given: Namespace) -> None:
    """Write the custom fields and custom objects of an account as a module."""
    text = inspect(_account(given.url))
    if given.output is None:
        print(text, end="")
    else:
        given.output.write_text(text, encoding="utf-8")
        print(f"wrote {given.output}")


def _declare_check(parser: ArgumentParser) -> None:
    parser.add_argument("models", help="a module or a file that declares custom fields")
    parser.add_argument("--url", help="of the account; the environment names it without")
    parser.set_defaults(run=_check)


def _check(given: Namespace) -> None:
    """Print what an account has otherwise than the models say; exit with 1 where it has."""
    models = declared_models(given.models)
    found = drift(_account(given.url), models)
    for line in found:
        print(line)
    if found:
        sys.exit(1)
    if len(models) == 1:
        print("1 model is as the account has it")
    else:
        print(f"{len(models)} models are as the account has them")


def _declare_scopes(parser: ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a Python program")
    parser.add_argument("--json", action="store_true", help="print it for machines")
    parser.set_defaults(run=_scopes)


def _scopes(given: Namespace) -> None:
    """Print the least scopes that programs need; exit with 2 where a file is no program."""
    try:
        report = scopes_of_files(given.files)
    except InvalidValue as error:
        print(f"zendesk-orm: {error}", file=sys.stderr)
        sys.exit(2)
    print(report.as_json() if given.json else report)


def _account(url: str | None) -> Account:
    return connections[DEFAULT] if url is None else connect(url)

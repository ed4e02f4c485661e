"""`zendesk-orm emulator`: the embedded Zendesk at a socket."""

from __future__ import annotations

import signal
import socket
from argparse import ArgumentParser, Namespace
from typing import Any

from zendesk_orm.cli.arguments import interrupt_by, whole_number
from zendesk_orm.errors import ConfigurationError


try:
    from zendesk_orm import emulator
except ModuleNotFoundError as missing:
    if missing.name != "werkzeug":
        raise
    emulator = None  # type: ignore[assignment] # The command says what to install.


def declare_emulator(parser: ArgumentParser) -> None:
    """Declare the arguments of `zendesk-orm emulator`."""
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (%(default)s)")
    parser.add_argument(
        "--port", type=whole_number(0, 65535), default=8080, help="0 for a free one (%(default)s)"
    )
    parser.add_argument("--seed", help="what to fill it with: demo")
    parser.add_argument("--file", help="keep the rows in this file; in memory without it")
    parser.add_argument("--token", help="ask for this API token; any will do without it")
    parser.add_argument(
        "--oauth",
        choices=("strict", "lenient"),
        help="check OAuth clients, tokens and scopes as Zendesk does, or take any token",
    )
    parser.set_defaults(run=_emulator)


def _emulator(given: Namespace) -> None:
    """Serve an emulator until it is interrupted or terminated."""
    if emulator is None:
        raise ConfigurationError('the emulator needs Werkzeug: pip install "zendesk_orm[emulator]"')
    interrupt_by(signal.SIGINT, signal.SIGTERM)
    _check_address(given.host, given.port)
    options: dict[str, Any] = {} if given.oauth is None else {"oauth": given.oauth}
    with (
        emulator.Emulator(given.file, seed=given.seed, token=given.token, **options) as zendesk,
        zendesk.serve(given.host, given.port) as server,
    ):
        print(f"Zendesk at {server.url}/api/v2/ (Ctrl+C stops it)", flush=True)
        if given.oauth == "strict":
            _show_clients(zendesk, server.url)
        try:
            server.wait()
        except KeyboardInterrupt:
            print("stopped")


def _show_clients(zendesk: Any, url: str) -> None:
    """Print how programs and persons sign in."""
    client = zendesk.oauth_client
    print(
        "A program signs in by\n\n"
        f'  connect(base_url="{url}", oauth=ClientCredentials("{client.identifier}", '
        f'"{client.secret}"))\n\n'
        "and a person by\n\n"
        f"  zendesk-orm login --base-url {url} --client-id {zendesk.login_client.identifier}\n",
        flush=True,
    )


def _check_address(host: str, port: int) -> None:
    """Listen for a moment: Werkzeug would end the program with words of its own.

    Raises:
        ConfigurationError: nobody can listen there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    failure: OSError | None = None
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        failure = error
    if failure is not None:
        raise ConfigurationError(
            f"port {port} of {host} cannot be used ({failure.strerror}): choose another by --port "
            "or --host"
        )

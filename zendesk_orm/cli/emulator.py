"""`zendesk-orm emulator`: serves the embedded Zendesk."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from argparse import ArgumentParser, Namespace
from typing import Any

from zendesk_orm.cli.arguments import integer_between, interrupt_by
from zendesk_orm.errors import ConfigurationError


try:
    from zendesk_orm import emulator
    from zendesk_orm.emulator.seeds.new_account import OWNER
    from zendesk_orm.emulator.server.request_log import ACCESS_LOGGER
except ModuleNotFoundError as missing:
    if missing.name != "werkzeug":
        raise
    emulator = None  # type: ignore[assignment] # The command names the extra to install.


#: The keywords of `Emulator` by the arguments of the command.
_OPTIONS = {
    "seed": "seed",
    "token": "token",
    "anonymous_owner": "anonymous_owner",
    "oauth": "oauth",
    "plan": "plan",
    "limit": "requests_per_minute",
    "lag": "index_lag",
    "latency": "latency",
}


def declare_emulator(parser: ArgumentParser) -> None:
    """Declare the arguments of `zendesk-orm emulator`."""
    parser.add_argument(
        "--host", default="127.0.0.1", help="the address to listen at (%(default)s)"
    )
    parser.add_argument(
        "--port",
        type=integer_between(0, 65535),
        default=8080,
        help="the port to listen at; 0 selects a free one (%(default)s)",
    )
    parser.add_argument("--seed", help="the initial data: demo")
    parser.add_argument(
        "--db",
        "--file",
        dest="file",
        metavar="FILE",
        help="store the rows in this SQLite database; by default in memory",
    )
    parser.add_argument(
        "--load", metavar="FILE", help="load rows from a file with lines of JSON, such as a dump"
    )
    parser.add_argument("--token", help="accept only this API token; by default any")
    parser.add_argument(
        "--anonymous-owner",
        action="store_true",
        default=None,
        help="let requests without credentials act as the owner of the account",
    )
    parser.add_argument(
        "--oauth",
        choices=("strict", "lenient"),
        help="check OAuth clients, tokens and scopes as Zendesk does, or accept any token",
    )
    parser.add_argument(
        "--plan",
        help="the plan, which sets the rate limit: essential, team, growth, professional, "
        "enterprise or enterprise_plus; by default no limit",
    )
    parser.add_argument(
        "--limit", metavar="N", help="the requests per minute, after which the status is 429"
    )
    parser.add_argument(
        "--lag", metavar="SECONDS", help="the time until search includes a change (0)"
    )
    parser.add_argument("--latency", metavar="SECONDS", help="the duration of each request (0)")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="FAULT",
        help="let requests fail: 'GET /api/v2/tickets* status=503 chance=0.05'; may be repeated",
    )
    parser.add_argument(
        "--quiet", action="store_true", help="print no line for each request to stderr"
    )
    parser.set_defaults(run=_emulator)


def _emulator(arguments: Namespace) -> None:
    """Serve an emulator until it is interrupted or terminated."""
    if emulator is None:
        raise ConfigurationError('the emulator needs Werkzeug: pip install "zendesk_orm[emulator]"')
    interrupt_by(signal.SIGINT, signal.SIGTERM)
    _check_address(arguments.host, arguments.port)
    faults = [emulator.Fault.parse(text) for text in arguments.fault]
    with emulator.Emulator(arguments.file, faults=faults, **_get_options(arguments)) as zendesk:
        if arguments.load is not None:
            print(f"{zendesk.load(arguments.load)} rows loaded", flush=True)
        if not arguments.quiet:
            _log_requests()
        _serve(zendesk, arguments)


def _get_options(arguments: Namespace) -> dict[str, Any]:
    """Return the keywords of `Emulator` for the arguments that are given."""
    values = vars(arguments)
    return {
        name: values[argument]
        for argument, name in _OPTIONS.items()
        if values[argument] is not None
    }


def _serve(zendesk: Any, arguments: Namespace) -> None:
    with zendesk.serve(arguments.host, arguments.port) as server:
        try:
            _announce(zendesk, server.url, arguments)
            server.wait()
        except KeyboardInterrupt:
            pass
    # The responses that had been started are sent.
    print("stopped", flush=True)


def _log_requests() -> None:
    """Print a line for each request to stderr."""
    logger = logging.getLogger(ACCESS_LOGGER)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False


def _announce(zendesk: Any, url: str, arguments: Namespace) -> None:
    """Print the address of the server, its credentials, its console, and its rows."""
    credentials = f"any, such as {OWNER} with the API token 'emulated'"
    if arguments.oauth == "strict":
        credentials = "OAuth, see below"
    elif arguments.token is not None:
        credentials = f"{OWNER} with the API token of --token"
    counts = zendesk.count_rows()
    tickets, users = (counts.get(f"support.{name}", 0) for name in ("Ticket", "User"))
    place = "memory" if arguments.file is None else arguments.file
    print(
        f"Zendesk at {url}/api/v2/ (Ctrl+C stops it)\n"
        f"  credentials  {credentials}\n"
        f"  console      {url}/\n"
        f"  rows         {tickets:,} tickets and {users:,} users, in {place}",
        flush=True,
    )
    if arguments.oauth == "strict":
        _show_clients(zendesk, url)


def _show_clients(zendesk: Any, url: str) -> None:
    """Print how programs connect and persons sign in."""
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
    """Check that the server can listen: Werkzeug would end the program without a useful message.

    Raises:
        ConfigurationError: the address cannot be used.
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

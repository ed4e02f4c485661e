"""`zendesk-orm emulator`: serves the embedded Zendesk."""

from __future__ import annotations

import signal
import socket
from argparse import ArgumentParser, Namespace
from typing import Any

from zendesk_orm.cli.arguments import integer_between, interrupt_by
from zendesk_orm.errors import ConfigurationError


try:
    from zendesk_orm.cli import serving
except ModuleNotFoundError as missing:
    if missing.name != "werkzeug":
        raise
    serving = None  # type: ignore[assignment] # The command names the extra to install.


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
    if serving is None:
        raise ConfigurationError('the emulator needs Werkzeug: pip install "zendesk_orm[emulator]"')
    interrupt_by(signal.SIGINT, signal.SIGTERM)
    _check_address(arguments.host, arguments.port)
    faults = [serving.Fault.parse(text) for text in arguments.fault]
    with serving.Emulator(arguments.file, faults=faults, **_get_options(arguments)) as zendesk:
        if arguments.load is not None:
            print(f"{zendesk.load(arguments.load)} rows loaded", flush=True)
        if not arguments.quiet:
            serving.log_requests()
        serving.serve(zendesk, arguments)


def _get_options(arguments: Namespace) -> dict[str, Any]:
    """Return the keywords of `Emulator` for the arguments that are given."""
    values = vars(arguments)
    return {
        name: values[argument]
        for argument, name in _OPTIONS.items()
        if values[argument] is not None
    }


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

"""`zendesk-orm emulator`: serves the embedded Zendesk."""

from __future__ import annotations

import signal
import socket
from functools import partial
from typing import Any

import click

from zendesk_orm.cli.options import IntegerBetween, Seconds, command, interrupt_by
from zendesk_orm.cli.output import Output
from zendesk_orm.errors import ConfigurationError


try:
    from zendesk_orm.cli import serving
except ModuleNotFoundError as missing:
    if missing.name != "werkzeug":
        raise
    serving = None  # type: ignore[assignment] # The command names the extra to install.

__all__ = ["PORT", "check_address", "emulator", "require_emulator", "serving"]

PORT = 8080
_DAY, _MAX_LIMIT = 86_400, 10**9
#: Listed here, because the emulator may not be installed.
_PLANS = ("essential", "team", "growth", "professional", "enterprise", "enterprise_plus")


@command(
    examples=[
        "zendesk-orm emulator --seed demo",
        "zendesk-orm emulator --port 0 --db acme.db --quiet",
        "zendesk-orm emulator --port 0 --fault 'GET /api/v2/tickets* status=503 chance=0.05'",
    ]
)
@click.option("--host", default="127.0.0.1", show_default=True, help="the address to listen at")
@click.option(
    "--port",
    type=IntegerBetween(0, 65535),
    default=PORT,
    show_default=True,
    help="the port to listen at; 0 selects a free one",
)
@click.option("--seed", type=click.Choice(["demo"]), help="the initial data")
@click.option(
    "--db",
    "--file",
    "file",
    metavar="FILE",
    help="store the rows in this SQLite database; by default in memory",
)
@click.option(
    "--load", metavar="FILE", help="load rows from a file with lines of JSON, such as a dump"
)
@click.option("--token", help="accept only this API token; by default any")
@click.option(
    "--anonymous-owner",
    is_flag=True,
    default=None,
    help="let requests without credentials act as the owner of the account",
)
@click.option(
    "--allow-host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="another name of this machine by which it is reached, such as that of a tunnel",
)
@click.option(
    "--oauth",
    type=click.Choice(["strict", "lenient"]),
    help="check OAuth clients, tokens and scopes as Zendesk does, or accept any token",
)
@click.option(
    "--plan",
    type=click.Choice(_PLANS),
    help="the plan, which sets the rate limit; by default no limit",
)
@click.option(
    "--limit",
    "requests_per_minute",
    type=IntegerBetween(1, _MAX_LIMIT),
    metavar="N",
    help="the requests per minute, after which the status is 429",
)
@click.option(
    "--lag",
    "index_lag",
    type=Seconds(0, _DAY),
    metavar="SECONDS",
    help="the time until search includes a change (0)",
)
@click.option(
    "--latency",
    type=Seconds(0, _DAY),
    metavar="SECONDS",
    help="the duration of each request (0)",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="FAULT",
    help="let requests fail: 'GET /api/v2/tickets* status=503 chance=0.05'; may be repeated",
)
@click.pass_obj
def emulator(
    output: Output,
    /,
    host: str,
    port: int,
    file: str | None,
    load: str | None,
    hosts: tuple[str, ...],
    faults: tuple[str, ...],
    **options: Any,
) -> None:
    """Serve the embedded Zendesk until Ctrl+C.

    A line for each request is printed to stderr, unless --quiet is given.
    """
    if options["token"] == "":
        raise click.UsageError("--token must not be empty")
    require_emulator()
    interrupt_by(signal.SIGINT, signal.SIGTERM)
    check_address(host, port)
    switches = {name: value for name, value in options.items() if value is not None}
    switches["allowed_hosts"] = " ".join(hosts)
    module: Any = serving
    try:
        parsed = [module.Fault.parse(text) for text in faults]
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from None
    with module.Emulator(file, faults=parsed, **switches) as zendesk:
        if load is not None:
            output.write(f"{zendesk.load(load)} rows loaded")
        if not output.quiet:
            module.log_requests()
        describe = partial(
            module.describe_server,
            place=file,
            token=options["token"],
            strict=options["oauth"] == "strict",
        )
        module.serve(zendesk, host, port, describe)


def require_emulator() -> None:
    """Check that the requirements of the emulator are installed.

    Raises:
        ConfigurationError: they are not.
    """
    if serving is None:
        raise ConfigurationError('the emulator needs Werkzeug: pip install "zendesk_orm[emulator]"')


def check_address(host: str, port: int) -> None:
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

"""`zendesk-orm demo`: the embedded Zendesk with demonstration data, and a tour."""

from __future__ import annotations

import shlex
import signal
import socket
from urllib.parse import quote, urlsplit

import click

from zendesk_orm.account import connect
from zendesk_orm.cli.emulator import PORT, check_address, require_emulator, serving
from zendesk_orm.cli.options import IntegerBetween, command, interrupt_by
from zendesk_orm.cli.output import Output
from zendesk_orm.cli.program import run


_HOST = "127.0.0.1"
_CHANGE = 'with account.dry_run(): Ticket.objects.filter(status="new")[:2].update(priority="high")'
#: The commands of the tour, each with an introduction.
_TOUR = (
    ("Who is signed in?", "whoami"),
    (
        "Urgent tickets, with the names of their requesters, by one request:",
        "query tickets priority=urgent --limit 5 --columns id,status,subject,requester.name",
    ),
    (
        "How many tickets are open? Zendesk counts them:",
        "query tickets status=open --count",
    ),
    ("Which requests does a query send, and what do they cost?", "explain tickets tags=vip"),
    (
        "A change in Python, shown and not sent:",
        f"shell -c '{_CHANGE}'",
    ),
)


@command(examples=["zendesk-orm demo --tour", "zendesk-orm demo --port 0"])
@click.option(
    "--port", type=IntegerBetween(0, 65535), help=f"the port to listen at ({PORT}, if it is free)"
)
@click.option("--tour", is_flag=True, help="run some commands instead of serving")
@click.pass_obj
def demo(output: Output, port: int | None, *, tour: bool) -> int:
    """Serve an embedded Zendesk with some thousand tickets, and show how to use it.

    No account is needed, and nothing leaves this machine. All data disappears at the end.
    """
    require_emulator()
    if tour:
        return _run_tour(output)
    interrupt_by(signal.SIGINT, signal.SIGTERM)
    if port is None:
        port = PORT if _is_free(PORT) else 0
    check_address(_HOST, port)
    with serving.Emulator(seed="demo") as zendesk:
        serving.serve(zendesk, _HOST, port, _describe)
    return 0


def _describe(zendesk: serving.Emulator, url: str) -> str:
    """Return the address of the server, and how to use it."""
    server = serving.describe_server(zendesk, url, None, None, strict=False)
    address = f"zendesk://{quote(serving.OWNER, safe='')}:emulated@{urlsplit(url).netloc}"
    return (
        f"{server}\n\nTry in another terminal:\n\n"
        f"  export ZENDESK_URL={address}\n"
        "  zendesk-orm query tickets status=new --limit 5\n"
        "  zendesk-orm explain tickets tags=vip --order-by -created_at\n"
        "  zendesk-orm shell\n\n"
        "In Python:\n\n"
        "  from zendesk_orm import Ticket, connect\n"
        f'  connect("{address}")\n'
        '  Ticket.objects.filter(status="new").count()\n'
    )


def _is_free(port: int) -> bool:
    """Return True if a server can listen at a port."""
    try:
        socket.create_server((_HOST, port)).close()
    except OSError:
        return False
    return True


def _run_tour(output: Output) -> int:
    """Run the commands of the tour, each after its introduction."""
    connect("emulator://?seed=demo")
    for introduction, line in _TOUR:
        output.write(f"\n{introduction}\n\n$ zendesk-orm {line}\n")
        output.flush()
        code = run(shlex.split(line))
        if code:
            return code
    output.write(
        "\nNext: `zendesk-orm demo` serves this account to other programs, and `zendesk-orm login` "
        "signs in to yours."
    )
    return 0

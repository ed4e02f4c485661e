"""`zendesk-orm shell`: Python with the models and the account."""

from __future__ import annotations

import code
import importlib
import importlib.util
import rlcompleter
import sys
from contextlib import suppress
from datetime import date, datetime, timedelta, timezone
from types import FunctionType
from typing import Any

import click

import zendesk_orm
from zendesk_orm.account import Account
from zendesk_orm.cli.accounts import get_account
from zendesk_orm.cli.options import AccountChoice, accept_account, command
from zendesk_orm.cli.output import Output
from zendesk_orm.lazy import read_exports
from zendesk_orm.schema import registry


@command(
    examples=[
        "zendesk-orm shell -c 'print(Ticket.objects.filter(status=\"new\").count())'",
        "echo 'print(account.alias)' | zendesk-orm shell",
    ]
)
@click.option("-c", "--command", "program", metavar="CODE", help="run a program and return")
@click.option("--plain", is_flag=True, help="use Python's own shell although IPython is installed")
@accept_account
@click.pass_obj
def shell(output: Output, choice: AccountChoice, program: str | None, *, plain: bool) -> None:
    """Start Python with the models of Support, Q, F and `account`.

    IPython is used if it is installed. Without a terminal, the program is read from stdin.
    """
    account = get_account(choice)
    names = build_namespace(account)
    if program is None and not sys.stdin.isatty():
        program = sys.stdin.read()
    if program is not None:
        FunctionType(compile(program, "<command>", "exec"), names)()
        return
    banner = (
        f"zendesk_orm {zendesk_orm.__version__} with the account {account.transport.base_url}\n"
        "The models of Support, Q, F and account are imported; help_center, talk and chat are "
        "modules."
    )
    if not plain and importlib.util.find_spec("IPython") is not None:
        # Seam: an optional package.
        interactive: Any = importlib.import_module("IPython")
        output.note(banner)
        interactive.start_ipython(argv=["--no-banner"], user_ns=names)
        return
    if importlib.util.find_spec("readline") is not None:
        # Seam: Windows does not have it.
        readline: Any = importlib.import_module("readline")
        readline.set_completer(rlcompleter.Completer(names).complete)
        readline.parse_and_bind("tab: complete")
    code.interact(banner, local=names, exitmsg="")


def build_namespace(account: Account) -> dict[str, Any]:
    """Return the names of the shell: those of `zendesk_orm`, the products, and the account."""
    registry.load("support")
    public: dict[str, Any] = {}
    for name in read_exports("zendesk_orm"):
        # Some names need an extra that may not be installed.
        with suppress(ModuleNotFoundError):
            public[name] = getattr(zendesk_orm, name)
    products = {name: importlib.import_module(f"zendesk_orm.{name}") for name in registry.PRODUCTS}
    times = {item.__name__: item for item in (date, datetime, timedelta)}
    return {
        "__name__": "__console__",
        **public,
        **products,
        **times,
        "timezone": timezone,
        "account": account,
    }

"""`manage.py zendesk_shell`: a Python shell with the models of Zendesk."""

from __future__ import annotations

import code
import importlib
import select
import sys
from contextlib import ExitStack
from importlib.util import find_spec
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

import zendesk_orm
from zendesk_orm.account import connections
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.schema import registry
from zendesk_orm.schema.source import DEFAULT


#: The shells, in the order of preference, and their modules.
INTERFACES = {"ipython": "IPython", "bpython": "bpython", "python": "code"}


class Command(BaseCommand):
    """The command."""

    help = (
        "Runs a Python shell in which the public names of zendesk_orm are imported. Uses IPython "
        "or bpython if one is installed; reads commands from standard input if that is no terminal."
    )
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("-c", "--command", help="Run this code, and exit.")
        parser.add_argument("-i", "--interface", choices=list(INTERFACES), help="The shell to use.")
        parser.add_argument(
            "--account", default=DEFAULT, help='The account named "account" in the shell.'
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Show changes at the end; do not send them."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the shell.

        Raises:
            CommandError: the account or the shell does not exist.
        """
        try:
            account = connections[options["account"]]
        except ConfigurationError as error:
            raise CommandError(str(error)) from None
        public = vars(zendesk_orm)["__all__"]
        names = {name: getattr(zendesk_orm, name) for name in public}
        names |= {"account": account, "__name__": "__main__"}
        with ExitStack() as stack:
            if options["dry_run"]:
                diff = stack.enter_context(account.dry_run(quiet=True))
                stack.callback(lambda: self.stdout.write(str(diff)))
            text = options["command"]
            if text is None and _has_input():
                text = sys.stdin.read()
            if text is not None:
                exec(text, names)
                return
            self._interact(options["interface"], names)

    def _interact(self, interface: str | None, names: dict[str, Any]) -> None:
        """Start a shell; by default, the first one that is installed.

        Raises:
            CommandError: the chosen shell is not installed.
        """
        installed = [name for name, module in INTERFACES.items() if find_spec(module)]
        chosen = interface or installed[0]
        if chosen not in installed:
            raise CommandError(f"{chosen} is not installed: pip install {chosen}")
        start = getattr(self, f"_start_{chosen}")
        start(names)

    def _start_ipython(self, names: dict[str, Any]) -> None:
        _load("IPython").start_ipython(argv=[], user_ns=names)

    def _start_bpython(self, names: dict[str, Any]) -> None:
        _load("bpython").embed(names)

    def _start_python(self, names: dict[str, Any]) -> None:
        products = ", ".join(f"zendesk_orm.{name}" for name in registry.PRODUCTS[1:])
        banner = f"The names of zendesk_orm are imported; other products are in {products}."
        code.interact(banner, local=names, exitmsg="")


def _load(name: str) -> Any:
    return importlib.import_module(name)


def _has_input() -> bool:
    """Return whether standard input is a file or a pipe with data, as Django's shell tests it."""
    if sys.platform == "win32" or sys.stdin is None or sys.stdin.isatty():
        return False
    try:
        return bool(select.select([sys.stdin], [], [], 0)[0])
    except (OSError, ValueError):
        return False

"""The command line: `zendesk-orm login`, `whoami`, `inspect`, `check`, `emulator` and others.

Each module holds a group of commands; `COMMANDS` lists them. See docs/command-line.md.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence

from zendesk_orm import __version__
from zendesk_orm.cli import emulator, identity, inspection, sign_in
from zendesk_orm.errors import ZendeskError


#: The summary of each command, and the function that declares its arguments.
COMMANDS: dict[str, tuple[str, Callable[[ArgumentParser], None]]] = {
    "login": ("sign in by OAuth, in the browser", sign_in.declare_login),
    "logout": ("revoke and delete the tokens of a sign-in", sign_in.declare_logout),
    "whoami": ("show the signed-in user, the account and the scopes", identity.declare_whoami),
    "inspect": ("write the custom fields of an account as models", inspection.declare_inspect),
    "check": ("report how models differ from the account", inspection.declare_check),
    "scopes": ("list the OAuth scopes that programs need", inspection.declare_scopes),
    "emulator": ("serve the embedded Zendesk", emulator.declare_emulator),
}

#: The exit code of a program that was interrupted by Ctrl+C.
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command.

    Args:
        arguments: the name of the command and its arguments; by default those of the process.
    """
    parser = ArgumentParser("zendesk-orm", description="The Django ORM for Zendesk.")
    parser.add_argument("--version", action="version", version=f"zendesk-orm {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (summary, declare) in COMMANDS.items():
        description = f"{summary[0].upper()}{summary[1:]}."
        declare(commands.add_parser(name, help=summary, description=description))
    parsed = parser.parse_args(arguments)
    try:
        parsed.run(parsed)
    except (ZendeskError, OSError) as error:
        # Messages quote Zendesk and the user, so they may contain line breaks.
        sys.exit(f"zendesk-orm: {' '.join(str(error).split())}")
    except KeyboardInterrupt:
        print("zendesk-orm: interrupted", file=sys.stderr)
        sys.exit(_INTERRUPTED)

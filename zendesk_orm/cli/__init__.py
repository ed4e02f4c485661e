"""The command line: `zendesk-orm login`, `query`, `export`, `emulator` and others.

`COMMANDS` lists the commands, each with its module, which is imported when the command runs. See
docs/command-line.md.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from zendesk_orm.cli.commands import COMMANDS


__all__ = ["COMMANDS", "main"]

try:
    from zendesk_orm.cli.program import run
except ModuleNotFoundError as missing:
    if (missing.name or "").partition(".")[0] not in ("click", "rich"):
        raise
    _message = f'{missing.name} is not installed: pip install "zendesk_orm[cli]"'

    def run(arguments: Sequence[str]) -> int:
        """Print the command that installs the requirements of the command line."""
        print(f"zendesk-orm: {_message}", file=sys.stderr)
        return 1


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; exit with its code unless it is 0.

    Args:
        arguments: the name of the command and its arguments; by default those of the process.
    """
    code = run(sys.argv[1:] if arguments is None else arguments)
    if code:
        sys.exit(code)

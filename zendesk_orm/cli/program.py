"""`zendesk-orm`: finds the command, runs it, and reports its errors."""

from __future__ import annotations

import errno
import importlib
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import click
from click.shell_completion import CompletionItem, shell_complete

from zendesk_orm import __version__
from zendesk_orm.cli.commands import COMMANDS
from zendesk_orm.cli.failures import BROKEN_PIPE, report_failure
from zendesk_orm.cli.output import Output
from zendesk_orm.messages import suggestion


NAME = "zendesk-orm"
#: The variable by which a shell requests completions.
_COMPLETION = "_ZENDESK_ORM_COMPLETE"
_DESCRIPTION = """The Django ORM for Zendesk.

\b
The account of a command is the one of --url, of ZENDESK_... variables, or
of `zendesk-orm login`. To try commands without an account:
  zendesk-orm query tickets status=new --limit 5 --url "emulator://?seed=demo"
"""
_EPILOG = """\b
Exit codes: 0 success; 1 an error of Zendesk, the network or a file;
2 wrong usage; 130 Ctrl+C. ZENDESK_ORM_DEBUG=1 prints tracebacks.
"""


class Program(click.Group):
    """The group of all commands, whose modules are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or None if it does not exist."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        # Seam: the emulator and the models of all products take long to import.
        module = importlib.import_module(f"zendesk_orm.cli.{entry.module}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first argument names, and the other arguments.

        Raises:
            UsageError: the command does not exist; the message contains the most similar one.
        """
        if args and args[0] not in COMMANDS and not ctx.resilient_parsing:
            near = suggestion(args[0], COMMANDS)
            raise click.UsageError(f"the command {args[0]!r} does not exist{near}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the names of commands, or options, that begin with a text."""
        names = [
            CompletionItem(name, help=entry.summary)
            for name, entry in COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]


@click.command(
    NAME,
    cls=Program,
    help=_DESCRIPTION,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
)
@click.version_option(__version__, message="zendesk-orm %(version)s")
@click.pass_context
def program(ctx: click.Context) -> None:
    """Create the output of the command."""
    ctx.with_resource(ctx.ensure_object(Output))


def run(arguments: Sequence[str]) -> int:
    """Run a command, and return its exit code."""
    _prepare_streams()
    instruction = os.environ.get(_COMPLETION)
    if instruction:
        return shell_complete(program, {}, NAME, _COMPLETION, instruction)
    try:
        with program.make_context(NAME, list(arguments)) as context:
            result: Any = program.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as end:
        return end.exit_code
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - reported in one line
        if isinstance(error, BrokenPipeError) or getattr(error, "errno", 0) == errno.EPIPE:
            return _discard_output()
        return report_failure(error)
    return result if isinstance(result, int) else 0


def _prepare_streams() -> None:
    """Let output succeed in any locale, and without an output or an input."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # Closed by the shell: `zendesk-orm ... <&-`.
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))
    for stream in (sys.stdout, sys.stderr):
        encoding = (stream.encoding or "").lower().replace("-", "")
        if encoding != "utf8" and isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a character shows its number.
            stream.reconfigure(errors="backslashreplace")


def _discard_output() -> int:
    """Discard output that nobody reads any more, as in `zendesk-orm ... | head`."""
    with suppress(OSError, ValueError):
        # The interpreter would report the output that it cannot write when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE

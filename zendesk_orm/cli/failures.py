"""Errors of commands: one line on stderr without secrets, and the exit code."""

from __future__ import annotations

import os
import re
import sys
import traceback

import click

from zendesk_orm.cli.formatting import escape_controls
from zendesk_orm.errors import FieldError, InvalidValue, ZendeskError


#: The exit codes: an error of Zendesk, the network or a file; wrong usage; Ctrl+C; and the code
#: of programs whose output was closed, as in `zendesk-orm ... | head`.
FAILURE, USAGE, INTERRUPTED, BROKEN_PIPE = 1, 2, 130, 141

#: The credentials in a URL: `zendesk://me%40acme.com:TOKEN@acme`.
_CREDENTIALS = re.compile(r"(\w:/{1,2})[^\s/'\"]*@")


def report_failure(error: BaseException) -> int:
    """Print an error on stderr, and return the exit code.

    If the environment variable ZENDESK_ORM_DEBUG is set, the traceback is printed, too.
    """
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        print(error.format_message(), file=sys.stderr)
        return error.exit_code
    if os.environ.get("ZENDESK_ORM_DEBUG"):
        traceback.print_exception(error)
    name, message, code = _describe(error)
    if code == INTERRUPTED and sys.stderr.isatty():
        # The terminal shows ^C in the present line.
        print(file=sys.stderr)
    print(f"{name}: {to_line(message)}", file=sys.stderr)
    return code


def to_line(text: str) -> str:
    """Return a message as one line that is safe to print.

    Messages quote Zendesk and the user, so they may contain line breaks, control characters and
    the credentials of a URL.
    """
    return _CREDENTIALS.sub(r"\1...@", escape_controls(" ".join(text.split())))


def _describe(error: BaseException) -> tuple[str, str, int]:
    """Return the name of the program or the command, the message, and the exit code."""
    name = "zendesk-orm"
    if isinstance(error, click.UsageError):
        command = error.ctx.command_path if error.ctx is not None else name
        message = error.format_message()
        sentence = message if message.endswith("...") else message.rstrip(".")
        return command, f"{sentence} ({command} --help)", USAGE
    if isinstance(error, click.ClickException):
        return name, error.format_message(), error.exit_code
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        return name, "interrupted", INTERRUPTED
    if isinstance(error, EOFError):
        return name, "the input ended before it was complete", FAILURE
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        return name, f"{error.filename}: {error.strerror}", FAILURE
    if isinstance(error, (FieldError, InvalidValue)):
        return name, str(error), USAGE
    if isinstance(error, (ZendeskError, OSError, ModuleNotFoundError)):
        return name, str(error) or type(error).__name__, FAILURE
    kind = type(error).__name__
    return name, f"{kind}: {error} (ZENDESK_ORM_DEBUG=1 prints the traceback)", FAILURE

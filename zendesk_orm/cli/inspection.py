"""`zendesk-orm inspect`, `check` and `scopes`: custom fields as code, and scopes of programs."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from zendesk_orm.cli.accounts import get_account
from zendesk_orm.cli.arguments import declare_account
from zendesk_orm.errors import InvalidValue
from zendesk_orm.inspection.drift import find_drift, load_models
from zendesk_orm.inspection.models import inspect
from zendesk_orm.inspection.scopes import scopes_of_files


def declare_inspect(parser: ArgumentParser) -> None:
    """Declare the arguments of `zendesk-orm inspect`."""
    declare_account(parser)
    parser.add_argument(
        "-o", "--output", type=Path, help="the file to write; by default the module is printed"
    )
    parser.set_defaults(run=_inspect)


def _inspect(arguments: Namespace) -> None:
    """Write the custom fields and custom objects of an account as a module."""
    text = inspect(get_account(arguments))
    if arguments.output is None:
        print(text, end="")
    else:
        arguments.output.write_text(text, encoding="utf-8")
        print(f"wrote {arguments.output}")


def declare_check(parser: ArgumentParser) -> None:
    """Declare the arguments of `zendesk-orm check`."""
    parser.add_argument("models", help="a module or a file that declares custom fields")
    declare_account(parser)
    parser.set_defaults(run=_check)


def _check(arguments: Namespace) -> None:
    """Print the differences between models and the account; exit with 1 if there are any."""
    models = load_models(arguments.models)
    differences = find_drift(get_account(arguments), models)
    for line in differences:
        print(line)
    if differences:
        sys.exit(1)
    if len(models) == 1:
        print("1 model matches the account")
    else:
        print(f"{len(models)} models match the account")


def declare_scopes(parser: ArgumentParser) -> None:
    """Declare the arguments of `zendesk-orm scopes`."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a Python program")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    parser.set_defaults(run=_scopes)


def _scopes(arguments: Namespace) -> None:
    """Print the narrowest scopes that programs need; exit with 2 if a file cannot be read."""
    try:
        report = scopes_of_files(arguments.files)
    except InvalidValue as error:
        print(f"zendesk-orm: {error}", file=sys.stderr)
        sys.exit(2)
    print(report.as_json() if arguments.json else report)

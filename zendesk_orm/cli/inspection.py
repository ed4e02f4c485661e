"""`zendesk-orm inspect`, `check` and `scopes`: what an account has, and what programs need."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from zendesk_orm.cli.accounts import account_of
from zendesk_orm.cli.arguments import declare_account
from zendesk_orm.errors import InvalidValue
from zendesk_orm.inspection.drift import declared_models, drift
from zendesk_orm.inspection.models import inspect
from zendesk_orm.inspection.scopes import scopes_of_files


def declare_inspect(parser: ArgumentParser) -> None:
    """Declare the arguments of `zendesk-orm inspect`."""
    declare_account(parser)
    parser.add_argument("-o", "--output", type=Path, help="the file to write; printed without")
    parser.set_defaults(run=_inspect)


def _inspect(given: Namespace) -> None:
    """Write the custom fields and custom objects of an account as a module."""
    text = inspect(account_of(given))
    if given.output is None:
        print(text, end="")
    else:
        given.output.write_text(text, encoding="utf-8")
        print(f"wrote {given.output}")


def declare_check(parser: ArgumentParser) -> None:
    """Declare the arguments of `zendesk-orm check`."""
    parser.add_argument("models", help="a module or a file that declares custom fields")
    declare_account(parser)
    parser.set_defaults(run=_check)


def _check(given: Namespace) -> None:
    """Print how models differ from the account; exit with 1 if they do."""
    models = declared_models(given.models)
    found = drift(account_of(given), models)
    for line in found:
        print(line)
    if found:
        sys.exit(1)
    if len(models) == 1:
        print("1 model is as the account has it")
    else:
        print(f"{len(models)} models are as the account has them")


def declare_scopes(parser: ArgumentParser) -> None:
    """Declare the arguments of `zendesk-orm scopes`."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a Python program")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    parser.set_defaults(run=_scopes)


def _scopes(given: Namespace) -> None:
    """Print the least scopes that programs need; exit with 2 if a file is not a program."""
    try:
        report = scopes_of_files(given.files)
    except InvalidValue as error:
        print(f"zendesk-orm: {error}", file=sys.stderr)
        sys.exit(2)
    print(report.as_json() if given.json else report)

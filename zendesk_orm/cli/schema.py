"""`zendesk-orm plan` and `push`: custom fields and custom objects of an account from models."""

from __future__ import annotations

from collections.abc import Sequence

import click

from zendesk_orm.account import Account
from zendesk_orm.cli.accounts import get_account
from zendesk_orm.cli.failures import FAILURE, USAGE
from zendesk_orm.cli.inspection import load_declared
from zendesk_orm.cli.options import AccountChoice, accept_account, command, json_option
from zendesk_orm.cli.output import Output
from zendesk_orm.errors import SchemaError
from zendesk_orm.schema_changes import SchemaOutcome, SchemaPlan, plan_schema


_models = click.argument("place", metavar="MODELS")
_deletions = click.option(
    "--allow-deletions",
    is_flag=True,
    help="delete fields, options and custom objects that are not declared",
)


class ImpossibleSchema(click.ClickException):
    """Models that Zendesk does not permit."""

    exit_code = USAGE


@command(
    examples=[
        "zendesk-orm plan models.py",
        "zendesk-orm plan models.py --check",
        "zendesk-orm plan models.py --allow-deletions --json",
    ]
)
@_models
@_deletions
@click.option("--check", is_flag=True, help="exit with 1 if there are changes")
@json_option
@accept_account
@click.pass_obj
def plan(
    output: Output,
    choice: AccountChoice,
    place: str,
    *,
    allow_deletions: bool,
    check: bool,
    as_json: bool,
) -> int:
    """Show the changes that make an account match models.

    MODELS is a module or a file that declares custom fields. Nothing is changed. The exit code is
    2 if Zendesk does not permit a change.
    """
    changes = _make_plan(get_account(choice), place, allow_deletions=allow_deletions)
    if as_json:
        output.write_json(changes.as_json())
    else:
        output.write(str(changes))
    return FAILURE if check and changes else 0


@command(
    examples=[
        "zendesk-orm push models.py --yes",
        "zendesk-orm push models.py --yes --json",
    ]
)
@_models
@_deletions
@click.option("-y", "--yes", is_flag=True, help="do not ask for a confirmation")
@json_option
@accept_account
@click.pass_obj
def push(
    output: Output,
    choice: AccountChoice,
    place: str,
    *,
    allow_deletions: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Create and change the custom fields and custom objects of an account from models.

    MODELS is a module or a file that declares custom fields. Nothing is deleted without
    --allow-deletions. The exit code is 1 if a change fails; another `push` continues.
    """
    account = get_account(choice)
    changes = _make_plan(account, place, allow_deletions=allow_deletions)
    if changes and not yes:
        output.note(str(changes))
        _confirm()
        # Time has passed, in which others may have made the same changes.
        latest = _make_plan(account, place, allow_deletions=allow_deletions)
        if latest.changes != changes.changes:
            raise click.ClickException("the account has changed meanwhile: run the command again")
    with output.show_progress("push") as progress:
        outcomes = changes.apply(progress=progress)
    _write_outcomes(output, changes, outcomes, as_json=as_json)
    return 0 if all(outcome.ok for outcome in outcomes) else FAILURE


def _confirm() -> None:
    """Ask whether the changes shall be made.

    Raises:
        click.Abort: they shall not.
        click.ClickException: nobody can answer, as in CI.
    """
    try:
        click.confirm("Apply these changes?", abort=True, err=True)
    except click.Abort as error:
        if isinstance(error.__context__, EOFError):
            raise click.ClickException(
                "nobody has confirmed the changes, so none was made: pass --yes"
            ) from None
        raise


def _make_plan(account: Account, place: str, *, allow_deletions: bool) -> SchemaPlan:
    """Return the plan of the models in a module or a file.

    Raises:
        ImpossibleSchema: Zendesk does not permit a change.
        UnreadableProgram: the models cannot be loaded.
    """
    try:
        return plan_schema(load_declared(place), account, allow_deletions=allow_deletions)
    except SchemaError as error:
        raise ImpossibleSchema(str(error)) from None


def _write_outcomes(
    output: Output, changes: SchemaPlan, outcomes: Sequence[SchemaOutcome], *, as_json: bool
) -> None:
    """Print the outcome of each change."""
    if as_json:
        output.write_json({"outcomes": [outcome.as_json() for outcome in outcomes]})
    elif not outcomes:
        output.write(str(changes))
    else:
        for outcome in outcomes:
            output.write(str(outcome))

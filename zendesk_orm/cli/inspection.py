"""`zendesk-orm inspect`, `check` and `scopes`: custom fields as code, and scopes of programs."""

from __future__ import annotations

from pathlib import Path

import click

from zendesk_orm.cli.accounts import get_account
from zendesk_orm.cli.failures import FAILURE, USAGE
from zendesk_orm.cli.loading import search_current_folder
from zendesk_orm.cli.options import AccountChoice, accept_account, command, json_option
from zendesk_orm.cli.output import Output
from zendesk_orm.errors import ConfigurationError, InvalidValue
from zendesk_orm.inspection import models
from zendesk_orm.inspection.drift import find_drift, load_models
from zendesk_orm.inspection.scopes import scopes_of_files
from zendesk_orm.model import Model


_PATH = click.Path(path_type=Path)


class UnreadableProgram(click.ClickException):
    """A program cannot be read, or is not Python."""

    exit_code = USAGE


@command(
    examples=[
        'zendesk-orm inspect --url "emulator://?seed=demo"',
        "zendesk-orm inspect -o models.py",
        "zendesk-orm inspect --portable -o portable.py",
    ]
)
@click.option("-o", "--output", "path", type=_PATH, help="the file to write; by default stdout")
@click.option(
    "--portable", is_flag=True, help="leave out ids and the address, to push to other accounts"
)
@accept_account
@click.pass_obj
def inspect(output: Output, choice: AccountChoice, path: Path | None, *, portable: bool) -> None:
    """Write the custom fields and custom objects of an account as a module."""
    text = models.inspect(get_account(choice), portable=portable)
    if path is None:
        output.write(text, end="")
    else:
        path.write_text(text, encoding="utf-8")
        output.write(f"wrote {path}")


@command(examples=["zendesk-orm check models.py", "zendesk-orm check models.py --json"])
@click.argument("place", metavar="MODELS")
@json_option
@accept_account
@click.pass_obj
def check(output: Output, choice: AccountChoice, place: str, *, as_json: bool) -> int:
    """Report how models differ from the account.

    MODELS is a module or a file that declares custom fields. The exit code is 1 if there are
    differences, and 2 if MODELS cannot be loaded.
    """
    declared = load_declared(place)
    differences = find_drift(get_account(choice), declared)
    if as_json:
        output.write_json({"models": len(declared), "differences": differences})
    else:
        for line in differences:
            output.write(line)
    if differences:
        return FAILURE
    if not as_json:
        count = len(declared)
        output.write(
            "1 model matches the account" if count == 1 else f"{count} models match the account"
        )
    return 0


@command(examples=["zendesk-orm scopes triage.py report.py", "zendesk-orm scopes --json triage.py"])
@click.argument("files", nargs=-1, required=True, type=_PATH, metavar="FILE...")
@json_option
@click.pass_obj
def scopes(output: Output, files: tuple[Path, ...], *, as_json: bool) -> int:
    """List the narrowest OAuth scopes that Python programs need.

    The programs are not run. The exit code is 2 if a file cannot be read.
    """
    try:
        report = scopes_of_files(files)
    except InvalidValue as error:
        raise UnreadableProgram(str(error)) from None
    output.write(report.as_json() if as_json else str(report))
    return 0


def load_declared(place: str) -> list[type[Model]]:
    """Return the models of a module, which may be in the current folder, or of a file.

    Raises:
        UnreadableProgram: they cannot be loaded.
    """
    search_current_folder()
    try:
        return load_models(place)
    except ConfigurationError as error:
        raise UnreadableProgram(str(error)) from None

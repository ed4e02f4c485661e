"""`zendesk-orm sync`: copies an account into a file of DuckDB, or into Parquet files."""

from __future__ import annotations

import gc
from typing import Literal

import click
from attrs import asdict

from zendesk_orm.cli.accounts import get_account
from zendesk_orm.cli.conditions import Names
from zendesk_orm.cli.model_names import find_model
from zendesk_orm.cli.options import AccountChoice, accept_account, command, json_option
from zendesk_orm.cli.output import Output
from zendesk_orm.warehouse import Mirror
from zendesk_orm.warehouse.mirror import MODELS


@command(
    examples=[
        "zendesk-orm sync --to zendesk.duckdb",
        "zendesk-orm sync --to zendesk.duckdb --models tickets,users",
        "zendesk-orm sync --to zendesk/ --format parquet",
    ]
)
@click.option("--to", "path", required=True, metavar="PATH", help="the file, or the folder")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["duckdb", "parquet"]),
    default="duckdb",
    help="a file of DuckDB, or a folder of Parquet files",
)
@click.option(
    "--models", type=Names(), metavar="NAMES", help="models with commas between them: tickets,users"
)
@click.option("--history", is_flag=True, help="store the history of tickets, too")
@json_option
@accept_account
@click.pass_obj
def sync(
    output: Output,
    choice: AccountChoice,
    path: str,
    models: list[str] | None,
    *,
    format_: Literal["duckdb", "parquet"],
    history: bool,
    as_json: bool,
) -> None:
    """Copy an account into a file of DuckDB or into Parquet files, or update the copy.

    A run continues after the last one, also if that was interrupted.
    """
    chosen = None if models is None else [find_model(name) for name in models]
    account = get_account(choice)
    models_ = MODELS if chosen is None else chosen
    mirror = Mirror(path, account, models_, format=format_, history=history)
    # Looking for cycles among the objects of the program, which stay, would take a seventh of the
    # time: reading rows creates many objects.
    gc.freeze()
    with output.show_progress(f"sync to {path}") as report:
        result = mirror.sync(progress=report)
    if as_json:
        output.write_json(asdict(result))
        return
    rows = ((table, number, result.deleted[table]) for table, number in result.rows.items())
    output.write_table(("table", "rows", "deleted"), rows)

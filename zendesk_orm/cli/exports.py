"""`zendesk-orm export`: writes the rows of a query to a file."""

from __future__ import annotations

import re
import sys
from typing import Any

import click

from zendesk_orm.cli.conditions import Names, parse_start
from zendesk_orm.cli.options import command, json_option
from zendesk_orm.cli.output import Output
from zendesk_orm.cli.queries import accept_query, explain_shortly
from zendesk_orm.errors import FieldError, InvalidValue, NoEndpoint
from zendesk_orm.query.dates import relative_time
from zendesk_orm.query.keywords import EXPORT_LOOKUP


#: The path that stands for stdout.
_STDOUT = "-"


#: A parameter of `export()` in a message, which is an option of the command.
_PARAMETER = re.compile(r"\b(format|partition_by|resume)=(True\b)?")


def _option_of(match: re.Match[str]) -> str:
    return f"--{match[1].replace('_', '-')}"


def _negate(ctx: click.Context, param: click.Parameter, value: object) -> bool:
    return not value


@command(
    examples=[
        "zendesk-orm export tickets --since 2024-01-01 --to tickets.jsonl",
        "zendesk-orm export tickets --since 2024-01-01 --to tickets.jsonl --resume",
        "zendesk-orm export users role=agent --columns id,name,email --to agents.csv",
        "zendesk-orm export organizations --to - --format jsonl",
    ]
)
@accept_query
@click.option(
    "--to",
    "target",
    metavar="FILE",
    required=True,
    help="the file: .parquet, .jsonl, .csv, .jsonl.gz or .csv.gz; - for stdout",
)
@click.option(
    "--since",
    metavar="TIME",
    help="only rows that have changed since 2024-01-01, 2024-01-31T12:30Z, or 4hours ago",
)
@click.option("--resume", is_flag=True, help="continue an export to this file, if there is one")
@click.option("--overwrite", is_flag=True, help="replace the file if it exists")
@click.option(
    "--columns", type=Names(), metavar="FIELDS", help="the columns: id,subject,requester.name"
)
@click.option(
    "--format",
    metavar="FORMAT",
    help="parquet, jsonl, csv, jsonl.gz or csv.gz; by default that of the file's name",
)
@click.option(
    "--partition-by",
    type=Names(),
    metavar="FIELDS",
    help="divide the rows into folders: status, or created_at__month",
)
@click.option(
    "--no-extra",
    "extra",
    is_flag=True,
    callback=_negate,
    help="leave out the column `extra` with undeclared values",
)
@click.option(
    "--escape-formulas", is_flag=True, help="in CSV, escape texts that a spreadsheet would evaluate"
)
@json_option
@click.pass_obj
def export(
    output: Output,
    /,
    queryset: Any,
    limit: int | None,
    target: str,
    since: str | None,
    columns: list[str] | None,
    partition_by: list[str] | None,
    *,
    as_json: bool,
    **options: Any,
) -> None:
    """Write the rows of a model that match all conditions to a file.

    MODEL and conditions are those of `zendesk-orm query`. The file appears when it is complete.
    After Ctrl+C, an error or a crash, the same command with --resume continues.
    """
    try:
        queryset = _choose_rows(queryset, since, columns, resume=options["resume"])[:limit]
        with output.show_progress(target) as report:
            sink = sys.stdout.buffer if target == _STDOUT else target
            result = queryset.export(
                sink, progress=report, partition_by=partition_by or (), **options
            )
    except (FieldError, InvalidValue) as error:
        raise click.UsageError(_PARAMETER.sub(_option_of, str(error))) from None
    except NoEndpoint as error:
        raise click.UsageError(explain_shortly(error)) from None
    except FileExistsError as error:
        if options["overwrite"]:
            raise
        raise click.ClickException(f"{target} exists: pass --overwrite to replace it") from error
    if as_json and target != _STDOUT:
        output.write_json(
            {
                "paths": [str(path) for path in result.paths],
                "rows": result.rows,
                "bytes": result.bytes,
                "requests": result.requests,
            }
        )
        return
    files = f"{len(result.paths)} files in {target}" if len(result.paths) > 1 else target
    place = "stdout" if target == _STDOUT else files
    output.note(f"wrote {result.rows:,} rows to {place}; requests sent: {result.requests:,}")


def _choose_rows(
    queryset: Any, since: str | None, columns: list[str] | None, *, resume: bool
) -> Any:
    """Return the rows since a time with some columns.

    Raises:
        UsageError: Zendesk has no export of the model.
        InvalidValue: the time is malformed, or a column does not exist.
    """
    if since is not None:
        meta = queryset.model._meta
        if EXPORT_LOOKUP not in meta.lookups:
            raise click.UsageError(
                f"Zendesk has no incremental export of {meta.verbose_name_plural}: leave out "
                "--since, and select rows by conditions, such as created_after=2024-01-01"
            )
        if relative_time(since) is not None and resume:
            raise InvalidValue("--since must be a date or a time, such as 2024-01-31, to --resume")
        queryset = queryset.changed_since(parse_start(since))
    names = [name.replace(".", "__") for name in columns or ()]
    return queryset.values(*names) if names else queryset

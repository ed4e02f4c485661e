"""`zendesk-orm query` and `explain`: rows that match conditions, and the requests for them."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from typing import Any, TypeVar, cast

import click

from zendesk_orm.account import Account
from zendesk_orm.cli.accounts import get_account
from zendesk_orm.cli.conditions import ConditionType, Names, narrow
from zendesk_orm.cli.expressions import parse_expression
from zendesk_orm.cli.formatting import dump_json, format_csv, iterate_json, row_of
from zendesk_orm.cli.model_names import ModelName
from zendesk_orm.cli.options import (
    AccountChoice,
    IntegerBetween,
    accept_account,
    command,
    exclude,
    json_option,
)
from zendesk_orm.cli.output import Output
from zendesk_orm.errors import ConfigurationError, FieldError, InvalidValue, NoEndpoint
from zendesk_orm.plan.explain import request_text, required_scopes
from zendesk_orm.plan.plan import UnionPlan
from zendesk_orm.plan.scopes import format_scopes
from zendesk_orm.schema.options import Options


F = TypeVar("F", bound=Callable[..., Any])

_FORMATS = ("table", "json", "jsonl", "csv")
#: The columns of a table by default, as far as a model has them.
_PREFERRED = (
    *("id", "subject", "title", "name", "status", "priority", "type", "email", "role"),
    *("active", "created_at", "updated_at"),
)
#: The most columns of a table by default.
_MAX_COLUMNS = 6
_MAX_ROWS = 10**9


def accept_query(function: F) -> F:
    """Add a model, conditions and options of a query; the function gets a QuerySet and its limit.

    The account of `explain` is optional, because plans depend on the declarations only.
    """

    @wraps(function)
    def call(
        *args: Any,
        model: Any,
        conditions: tuple[str, ...],
        where: str | None,
        order_by: tuple[list[str], ...],
        limit: int | None,
        scan: bool,
        fresh: bool,
        choice: AccountChoice,
        **kwargs: Any,
    ) -> Any:
        account = _connect(choice, is_required=function.__name__ != "explain")
        queryset = model.objects if account is None else model.objects.using(account.alias)
        try:
            queryset = narrow(queryset.all(), conditions)
            if where is not None:
                queryset = queryset.filter(parse_expression(where))
            names = [name.replace(".", "__") for part in order_by for name in part]
            queryset = queryset.order_by(*names) if names else queryset
            queryset = queryset.scan() if scan else queryset
            queryset = queryset.fresh() if fresh else queryset
            return function(*args, queryset=queryset, limit=limit, **kwargs)
        except (FieldError, InvalidValue) as error:
            raise click.UsageError(str(error)) from None
        except ConfigurationError:
            if account is None:
                # The names of custom fields are looked up; the message explains how to connect.
                get_account(choice)
            raise

    decorated: Any = call
    for option in reversed(_QUERY_OPTIONS):
        decorated = option(decorated)
    return cast("F", accept_account(decorated))


_QUERY_OPTIONS = (
    click.argument("model", type=ModelName()),
    click.argument("conditions", nargs=-1, type=ConditionType(), metavar="[NAME=VALUE]..."),
    click.option(
        "--where",
        metavar="EXPRESSION",
        help='further conditions in Python: \'Q(priority="urgent") | Q(tags="vip")\'',
    ),
    click.option(
        "--order-by",
        type=Names(),
        multiple=True,
        metavar="FIELDS",
        help="the order: created_at, or -created_at for the newest first",
    ),
    click.option("--limit", type=IntegerBetween(0, _MAX_ROWS), metavar="N", help="the most rows"),
    click.option(
        "--scan",
        is_flag=True,
        help="read more rows than match, if Zendesk cannot compare or order them",
    ),
    click.option(
        "--fresh", is_flag=True, help="read from lists, which do not lag, but omit archived tickets"
    ),
)


def _connect(choice: AccountChoice, *, is_required: bool) -> Account | None:
    """Return the account, or None if a command needs none and none is configured."""
    if is_required or choice != AccountChoice():
        return get_account(choice)
    try:
        return get_account(choice)
    except ConfigurationError:
        return None


@command(
    examples=[
        "zendesk-orm query tickets status=new created_after=2024-01-01 --limit 5",
        "zendesk-orm query tickets tags__in=vip,gold --columns id,subject,requester.name",
        "zendesk-orm query tickets priority!=low --order-by -created_at --limit 20",
        "zendesk-orm query users role=agent --format csv",
        "zendesk-orm query tickets text='printer on fire' --count",
        "zendesk-orm query help_center.articles --json --limit 2",
    ]
)
@accept_query
@click.option(
    "--columns",
    type=Names(),
    metavar="FIELDS",
    help="the fields to print: id,subject,requester.name; * for all",
)
@click.option(
    "--format", "style", type=click.Choice(_FORMATS), help="table by default, or csv, json, jsonl"
)
@json_option
@click.option("--count", is_flag=True, help="print the number of rows, usually by one request")
@click.pass_obj
def query(
    output: Output,
    queryset: Any,
    limit: int | None,
    columns: list[str] | None,
    style: str | None,
    *,
    as_json: bool,
    count: bool,
) -> None:
    """Print the rows of a model that match all conditions.

    MODEL is tickets, users, ticket_field, help_center.article, ... A condition is a keyword of
    filter(): status=new, created_after=2024-01-01, tags__in=a,b, assignee__isnull=true,
    requester.email=ann@acme.com, text='words to search for'; status!=closed leaves rows out.
    Dates are in UTC. A length of time, such as created_after=4hours, counts back from now.

    JSON contains each row as Zendesk sends it, unless --columns is given.
    """
    exclude({"--json": as_json, "--format": style})
    style = "json" if as_json else style or "table"
    queryset = queryset[:limit]
    try:
        if count:
            number = queryset.count()
            output.write(dump_json({"count": number}) if style.startswith("json") else str(number))
            return
        _print_rows(output, queryset, columns, style)
    except NoEndpoint as error:
        raise click.UsageError(explain_shortly(error)) from None


def explain_shortly(error: NoEndpoint) -> str:
    """Return the problem and the remedy of a query that no endpoint answers, in one line."""
    first, *others = str(error).splitlines()
    remedy = others[-1].strip() if others else ""
    if remedy.startswith(".scan() "):
        remedy = f"--scan {remedy.removeprefix('.scan() ')}"
    return f"{first}; {remedy} (zendesk-orm explain lists the reasons)"


def _print_rows(output: Output, queryset: Any, columns: list[str] | None, style: str) -> None:
    """Print the rows of a query as they are read."""
    meta: Options = queryset.model._meta
    names = _split_columns(meta, columns)
    if not names and style.startswith("json"):
        _print_json(output, (row_of(record) for record in queryset.iterator()), style)
        return
    names = names or (_default_columns(meta) if style == "table" else _readable_fields(meta))
    tuples = _iterate_tuples(queryset, names)
    if style == "table":
        output.write_table(names, tuples)
    elif style == "csv":
        _print_csv(output, names, tuples)
    else:
        _print_json(output, (dict(zip(names, row, strict=True)) for row in tuples), style)


def _iterate_tuples(queryset: Any, names: Sequence[str]) -> Iterator[Sequence[Any]]:
    """Return the values of some columns of each row.

    Raises:
        UsageError: a column does not exist.
    """
    paths = [name.replace(".", "__") for name in names]
    if queryset.model._meta.discriminator:
        # The rows of a search have the fields of several models.
        kind = queryset.model._meta.discriminator
        rows = ({kind: record._meta.singular, **record._row} for record in queryset.iterator())
        return ([row.get(path) for path in paths] for row in rows)
    try:
        rows = queryset.values_list(*paths)
    except (FieldError, InvalidValue) as error:
        raise click.UsageError(str(error)) from None
    return iter(rows.iterator())


def _split_columns(meta: Options, columns: list[str] | None) -> list[str]:
    """Return the names of `--columns`; all fields for `*`; none if the option is missing."""
    every_field = _readable_fields(meta)
    return [field for name in columns or () for field in (every_field if name == "*" else [name])]


def _readable_fields(meta: Options) -> list[str]:
    """Return the fields that rows contain."""
    return [name for name, field in meta.fields.items() if field.readable]


def _default_columns(meta: Options) -> list[str]:
    """Return the columns of a table: the fields that describe a row, or the first ones."""
    preferred = [name for name in _PREFERRED if name in meta.fields]
    others = [
        name
        for name in _readable_fields(meta)
        if meta.fields[name].kind.name not in ("dict", "Any")
    ]
    return list(dict.fromkeys([*preferred, *others]))[: max(len(preferred), 4)][:_MAX_COLUMNS]


def _print_json(output: Output, rows: Iterable[Any], style: str) -> None:
    if style == "jsonl":
        for row in rows:
            output.write(dump_json(row))
        return
    for part in iterate_json(rows):
        output.write(part, end="")
    output.write("")


def _print_csv(output: Output, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    writer = csv.writer(_Lines(output), lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([format_csv(value) for value in row])


class _Lines:
    """A file that prints the lines of the CSV writer."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def write(self, line: str) -> None:
        """Print a line."""
        self._output.write(line, end="")


@command(
    examples=[
        "zendesk-orm explain tickets status=new tags=vip --order-by -created_at",
        "zendesk-orm explain users role=agent --json",
    ]
)
@accept_query
@json_option
@click.pass_obj
def explain(output: Output, queryset: Any, limit: int | None, *, as_json: bool) -> None:
    """Print the requests of a query, their cost, and why other endpoints are not used.

    The query is not sent, and no account is needed. Only the names of custom fields are looked
    up in the account.
    """
    queryset = queryset[:limit]
    if not as_json:
        output.write(queryset.explain())
        return
    try:
        plan = queryset.plan
    except NoEndpoint as error:
        output.write_json({"error": str(error)})
        sys.exit(2)
    plans = plan.plans if isinstance(plan, UnionPlan) else (plan,)
    output.write_json(
        {
            "query": str(queryset.query),
            "endpoints": [part.title for part in plans],
            "requests": [request_text(request) for part in plans for request in part.first()],
            "cost": plan.requests,
            "scopes": format_scopes(required_scopes(queryset.query)),
        }
    )

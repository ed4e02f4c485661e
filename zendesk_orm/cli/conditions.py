"""Conditions as arguments: `status=new tags__in=a,b created_after=2024-01-01 priority!=low`."""

from __future__ import annotations

import csv
import json
import re
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime, timezone
from typing import Any

import click
from attrs import frozen
from click.shell_completion import CompletionItem

from zendesk_orm.account import connections
from zendesk_orm.cli.options import ParameterType
from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.query.dates import PARTS, relative_time
from zendesk_orm.query.keywords import LOOKUPS, TEXT_LOOKUPS, parse_keyword
from zendesk_orm.schema import custom
from zendesk_orm.schema.definitions import Definitions
from zendesk_orm.schema.fields import Attribute
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.values import KINDS


_CONDITION = re.compile(r"(?P<name>[^=!]+)(?P<sign>!?=)(?P<value>.*)", re.DOTALL)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_LISTS = frozenset({"in", "has_keys", "has_any_keys"})
#: Keyword of the free text of a search.
_TEXT = "text"


@frozen
class ConditionText:
    """A condition as it was typed.

    Attributes:
        keyword: the keyword of `filter()`.
        value: the text of the value.
        is_negated: whether rows that match are left out: `status!=closed`.
    """

    keyword: str
    value: str
    is_negated: bool

    @classmethod
    def parse(cls, text: str) -> ConditionText:
        """Return a condition by its parts.

        Raises:
            UsageError: `=` is missing.
        """
        match = _CONDITION.fullmatch(text)
        if match is None:
            raise click.UsageError(
                f"{text!r} is not a condition: write name=value, as in status=new; text=... "
                "searches for words"
            )
        keyword = match["name"].strip().replace(".", "__")
        return cls(keyword, match["value"], match["sign"] == "!=")


def narrow(queryset: Any, texts: Sequence[str]) -> Any:
    """Return the rows of a query that match all conditions.

    Raises:
        UsageError: a condition is malformed, a field does not exist, or a value is not valid for
            its field.
        ApiError, TransportError: the definitions of custom fields cannot be read.
    """
    conditions = [ConditionText.parse(text) for text in texts]
    meta = queryset.model._meta
    definitions = _Definitions(queryset.db, meta, conditions)
    try:
        for item in conditions:
            value = parse_value(meta, item.keyword, item.value, definitions)
            apply = queryset.exclude if item.is_negated else queryset.filter
            queryset = apply(**{item.keyword: value})
    except (FieldError, InvalidValue) as error:
        raise click.UsageError(str(error)) from None
    return queryset


@frozen
class _Definitions:
    """The custom fields of the account, which are read when a condition needs them.

    Attributes:
        alias: the alias of the account.
        meta: the options of the model.
        conditions: all conditions, one of which may name the custom object.
    """

    alias: str
    meta: Options
    conditions: Sequence[ConditionText]

    def load(self) -> Definitions:
        """Return the definitions; they are cached by the account."""
        key = custom.scope_key(self.meta)
        owners = (item.value for item in self.conditions if key and item.keyword == key)
        scope = custom.scope(self.meta, next(owners, None))
        return connections.session(self.alias).definitions(self.meta, scope)


def parse_value(meta: Options, keyword: str, text: str, definitions: _Definitions | None) -> Any:
    """Return a value of `filter()` from its text, by the type of the field.

    Args:
        meta: the options of the model.
        keyword: the keyword.
        text: the text.
        definitions: the custom fields of the model, or None.

    Raises:
        FieldError: the field or the lookup does not exist.
        InvalidValue: the text is not a value of the field.
    """
    if keyword == _TEXT and _TEXT not in meta.fields:
        return text
    parsed = parse_keyword(meta, keyword)
    lookup = parsed.lookup
    part = lookup.partition("__")[0]
    if parsed.relation is not None and lookup not in LOOKUPS:
        return parse_value(parsed.relation.model._meta, lookup, text, None)
    if part in PARTS:
        return text if part == "date" else _parse_int(text)
    convert = _find_parser(meta, parsed.field, definitions)
    try:
        return _parse_operand(lookup, text, convert)
    except InvalidValue as error:
        raise InvalidValue(f"{keyword}={text}: {error}") from None


def _parse_operand(lookup: str, text: str, convert: Callable[[str], Any]) -> Any:
    if lookup == "isnull":
        return _parse_bool(text)
    if lookup in _LISTS:
        return [convert(item) for item in split_list(text)]
    if lookup == "range":
        bounds = [convert(item) for item in split_list(text)]
        if len(bounds) != 2:
            raise InvalidValue("must be two values: from,to")
        return tuple(bounds)
    return text if lookup in TEXT_LOOKUPS or lookup == "has_key" else convert(text)


def split_list(text: str) -> list[str]:
    """Return the members of a list: `a,b`; members that contain commas stand in quotes."""
    rows = list(csv.reader([text], skipinitialspace=True))
    return [item.strip() for item in rows[0] if item.strip()] if rows else []


class Names(ParameterType):
    """Names with commas between them: `id,subject`."""

    name = "names"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[str]:
        """Return the names.

        Raises:
            UsageError: there is none.
        """
        names = split_list(value)
        if not names:
            self.fail(f"must be names with commas between them, not {value!r}", param, ctx)
        return names


def _find_parser(
    meta: Options, field: Attribute[Any], definitions: _Definitions | None
) -> Callable[[str], Any]:
    """Return the function that parses a value of a field."""
    name = meta.custom_name(field.name)
    if name is not None and definitions is not None:
        kind = _CUSTOM_KINDS.get(definitions.load().find(name).type, "str")
        return _PARSERS.get(kind, str)
    kind = field.kind.name
    if field.kind.choices:
        choices = {str(choice): choice for choice in field.kind.choices}
        return lambda text: choices.get(text, text)
    if kind == "list" and field.wire == "tags":
        return str
    return _PARSERS.get(kind, str)


#: The kinds of values of custom fields, by the type of the field; text by default.
_CUSTOM_KINDS = {"checkbox": "bool", "date": "date", "decimal": "float", "integer": "int"}


def _parse_int(text: str) -> int:
    value = _parse_id(text)
    if isinstance(value, int):
        return value
    raise InvalidValue(f"must be a whole number, not {text!r}")


def _parse_id(text: str) -> int | str:
    """Return a number, if the text is one, or the text: the ids of a few models are texts."""
    stripped = text.strip()
    digits = stripped.removeprefix("-")
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= 19
    return int(stripped) if is_number else text


def _parse_float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InvalidValue(f"must be a number, not {text!r}") from None


def _parse_bool(text: str) -> bool:
    value = _BOOLEANS.get(text.strip().lower())
    if value is None:
        raise InvalidValue(f"must be true or false, not {text!r}")
    return value


def parse_date(text: str) -> date:
    """Return a date of ISO 8601: `2024-01-31`.

    Raises:
        InvalidValue: the text is not a date.
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidValue(f"must be a date as in 2024-01-31, not {text!r}") from None


def parse_moment(text: str) -> Any:
    """Return a moment: a date (its midnight in UTC), a date with time, or a length of time.

    `2024-01-31`, `2024-01-31T12:30Z`, `2024-01-31T12:30+02:00`, or `4hours`, which counts back
    from the time of the query.

    Raises:
        InvalidValue: the text has another form, or lacks a time zone.
    """
    text = text.strip()
    if relative_time(text) is not None:
        return text
    if _DATE.fullmatch(text):
        day = parse_date(text)
        return datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
    try:
        return KINDS["datetime"].accept(text.replace(" ", "T", 1))
    except InvalidValue as error:
        if "time zone" in str(error):
            raise InvalidValue(f"has no time zone: write {text}Z for UTC") from None
        raise InvalidValue(
            f"must be a date or a time as in 2024-01-31, 2024-01-31T12:30Z or 4hours, not {text!r}"
        ) from None


def parse_start(text: str) -> datetime:
    """Return the moment of `--since`: one of `parse_moment()`, or the seconds since 1970.

    Raises:
        InvalidValue: the text has another form.
    """
    if text.isascii() and text.isdigit():
        try:
            return datetime.fromtimestamp(int(text), timezone.utc)
        except (OverflowError, ValueError, OSError):
            raise InvalidValue(f"--since {text} is too large for seconds since 1970") from None
    relative = relative_time(text)
    moment: datetime = parse_moment(text) if relative is None else relative.moment(time.time())
    return moment


def _parse_dict(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidValue(f"must be JSON, not {text!r}") from None


_PARSERS: dict[str, Callable[[str], Any]] = {
    "int": _parse_int,
    "id": _parse_id,
    "float": _parse_float,
    "bool": _parse_bool,
    "date": parse_date,
    "datetime": parse_moment,
    "list": _parse_id,
    "dict": _parse_dict,
    "Any": _parse_id,
}


class ConditionType(ParameterType):
    """A condition, of which the shell completes the name and values of choices."""

    name = "condition"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the fields of the model, and the choices of a field, that begin with a text."""
        model: Any = ctx.params.get("model")
        if not hasattr(model, "_meta"):
            return []
        meta: Options = model._meta
        name, sign, _ = incomplete.partition("=")
        if sign:
            field = meta.fields.get(name)
            choices = field.kind.choices if field is not None else ()
            texts = [f"{name}={choice}" for choice in choices]
        else:
            texts = [f"{name}=" for name in (*meta.fields, *meta.relations, *meta.lookups)]
        return [CompletionItem(text) for text in texts if text.startswith(incomplete)]

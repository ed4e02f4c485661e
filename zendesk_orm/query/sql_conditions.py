"""Compiles predicates to conditions in SQL, which are false or NULL for rows without a match."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from attrs import evolve, frozen
from sqlglot import exp

from zendesk_orm.messages import display
from zendesk_orm.query.dates import RECURRING, RelativeTime
from zendesk_orm.query.f import F
from zendesk_orm.query.keywords import TEXT_LOOKUPS
from zendesk_orm.query.ordering import ranks
from zendesk_orm.query.predicate import Condition, Not, Or, Predicate, Subquery
from zendesk_orm.query.sql_storage import Table, refuse
from zendesk_orm.query.sql_text import fold_case, match_text
from zendesk_orm.query.sql_values import (
    MOMENTS,
    Value,
    compare_with,
    is_among,
    part_equals,
    to_boolean,
    to_date,
    to_number,
    to_rank,
    to_text,
    to_utc,
)
from zendesk_orm.schema.fields import Attribute, Lookup, column
from zendesk_orm.schema.nested import KeyTransform


_ORDERED = frozenset({"gt", "gte", "lt", "lte"})


@frozen
class Conditions:
    """Compiles predicates.

    Attributes:
        dialect: sqlglot's name of the dialect.
        now: the moment that relative times refer to, in seconds since the epoch.
        subquery: returns the statement for the values of a subquery.
    """

    dialect: str
    now: float
    subquery: Callable[[Subquery], exp.Select]

    def build(self, where: Predicate, table: Table) -> exp.Expr:
        """Return the condition of a predicate.

        Raises:
            NoEndpoint: a part cannot be computed in SQL, or is not stored.
        """
        if isinstance(where, Condition):
            return self._condition(where, table)
        if isinstance(where, Not):
            inner = self.build(where.part, table)
            if isinstance(inner, exp.Exists):
                return exp.not_(inner)
            return exp.not_(exp.Coalesce(this=exp.paren(inner), expressions=[exp.false()]))
        parts = [self.build(part, table) for part in where.parts]
        if not parts:
            return exp.true()
        return exp.paren((exp.or_ if isinstance(where, Or) else exp.and_)(*parts, copy=False))

    def _condition(self, condition: Condition, table: Table) -> exp.Expr:
        name, op, expected = condition.name, condition.op, condition.value
        if op in ("words", "raw"):
            raise refuse(
                table.meta,
                f"SQL has no search for {display(expected)}",
                "use icontains, such as filter(subject__icontains=...)",
            )
        field = column(table.meta.get_field(name))
        if isinstance(field, Lookup):
            raise refuse(
                table.meta, f"{name} is a parameter of Zendesk's endpoints", "leave it out"
            )
        if isinstance(expected, RelativeTime):
            expected = expected.moment(self.now)
        if op == "isnull":
            return _is_null(field, table, is_null=bool(expected))
        if isinstance(expected, Subquery):
            return self._in_subquery(field, expected, table)
        if op in ("exact", "in") or op in _ORDERED:
            return self._compare(field, op, expected, table)
        value = table.value(field)
        if op in RECURRING or op == "time":
            return part_equals(value, op, expected, self.dialect)
        if op not in TEXT_LOOKUPS:
            raise refuse(
                table.meta,
                f"SQL has no lookup {op} for {name}, in {table.storage.place_of(field)}",
                "compare the values in Python",
            )
        return self._match(field, value, op, str(expected), table)

    def _compare(self, field: Attribute[Any], op: str, expected: Any, table: Table) -> exp.Expr:
        """Return a comparison by equality or order."""
        if isinstance(field, KeyTransform):
            return self._compare_inner(field, op, expected, table)
        if op in _ORDERED:
            return self._compare_order(field, op, expected, table)
        return self._equals(field, expected, table, op)

    def _match(
        self, field: Attribute[Any], value: Value, op: str, expected: str, table: Table
    ) -> exp.Expr:
        """Return whether a text matches; values of other types do not."""
        if value.type in ("integer", "number") and field.kind.name == "str":
            value = Value(exp.cast(value.expression, "TEXT"), "text")
        if value.type not in ("text", "inner"):
            return exp.false()
        matched = match_text(value.expression, op, expected, self.dialect)
        if matched is None:
            raise refuse(
                table.meta,
                f"the dialect {self.dialect} cannot match the regular expression "
                f"{display(expected)} for {field.name}, in {table.storage.place_of(field)}",
                "use another expression, or compare the values in Python",
            )
        return matched if value.is_text is None else exp.and_(value.is_text, matched)

    # -- equality ----------------------------------------------------------------

    def _in_subquery(self, field: Attribute[Any], expected: Subquery, table: Table) -> exp.Expr:
        """Return whether a value is among those of a subquery.

        `EXISTS` is never NULL. Databases join the rows by a hash table also if it is negated, which
        they do not for `NOT COALESCE(value IN (SELECT ...), FALSE)`.
        """
        value, rows = table.value(field), self.subquery(expected)
        (selected,) = rows.expressions
        if value.type == "inner":
            selected = exp.cast(selected.copy(), "TEXT")
        rows = rows.select(exp.alias_(selected, "value", quoted=True), append=False)
        members = exp.select(exp.convert(1)).from_(
            rows.subquery(exp.to_identifier("s", quoted=True))
        )
        is_member = exp.EQ(this=exp.column("value", "s", quoted=True), expression=value.expression)
        return exp.Exists(this=members.where(is_member))

    def _equals(self, field: Attribute[Any], expected: Any, table: Table, op: str) -> exp.Expr:
        if isinstance(expected, F):
            other = column(table.meta.get_field(expected.name))
            one, two = (self._comparable(item, table.value(item)) for item in (field, other))
            return exp.EQ(this=one, expression=two)
        members = list(expected) if op == "in" else [expected]
        if not members:
            return exp.false()
        contained = table.storage.contains(field, members, table.alias)
        if contained is not None:
            return contained
        value = table.value(field)
        if field.kind.key is not None and value.type == "text":
            folded = [field.key(member) for member in members]
            text = exp.Trim(this=value.expression) if _trims(field) else value.expression
            text = fold_case(text, folded)
            return is_among(Value(text, "text"), [key.lower() for key in folded], self.dialect)
        return is_among(value, members, self.dialect)

    def _comparable(self, field: Attribute[Any], value: Value) -> exp.Expr:
        """Return a value in the form in which values of its field are compared."""
        if value.type in MOMENTS and field.kind.name == "datetime":
            return to_utc(value, self.dialect)
        if field.kind.key is None or value.type != "text":
            return value.expression
        text = exp.Trim(this=value.expression) if _trims(field) else value.expression
        return exp.Lower(this=text)

    # -- order -------------------------------------------------------------------

    def _compare_order(
        self, field: Attribute[Any], op: str, expected: Any, table: Table
    ) -> exp.Expr:
        """Return a comparison by order: of choices by rank, of moments by time."""
        choices, value = ranks(field), table.value(field)
        if isinstance(expected, F):
            other = column(table.meta.get_field(expected.name))
            one, two = (
                to_rank(table.value(item).expression, choices)
                if choices
                else self._comparable(item, table.value(item))
                for item in (field, other)
            )
            return compare_with(one, op, two)
        if choices:
            rank = exp.convert(choices.index(expected))
            return compare_with(to_rank(value.expression, choices), op, rank)
        return self._compare_value(value, op, expected)

    def _compare_value(self, value: Value, op: str, expected: Any) -> exp.Expr:
        sides = value.sides(expected, self.dialect)
        return exp.false() if sides is None else compare_with(sides[0], op, sides[1])

    # -- values inside other values ------------------------------------------------

    def _compare_inner(self, field: KeyTransform, op: str, expected: Any, table: Table) -> exp.Expr:
        """Return a comparison of a value of any type: that of the expected value decides."""
        members = list(expected) if op == "in" else [expected]
        tests: list[exp.Expr] = []
        if op in ("exact", "in"):
            texts = [member for member in members if isinstance(member, str)]
            contained = table.storage.contains(field, texts, table.alias) if texts else None
            tests += [] if contained is None else [contained]
        try_order = "exact" if op == "in" else op
        if try_order == "exact" and table.value(field).type in ("inner", "text"):
            # Texts are converted to numbers with 53 binary digits.
            members = [str(member) if _is_long(member) else member for member in members]
        for kind in (bool, (int, float), datetime, date, str):
            same = [member for member in members if _has_type(member, kind)]
            if same:
                value = table.value(field)
                if try_order == "exact" and not any(map(_is_ambiguous, same)):
                    value = evolve(value, is_text=None)
                typed = self._as_type(value, kind)
                tests += [self._compare_members(typed, try_order, same)]
        return any_of(tests)

    def _compare_members(self, value: Value | None, op: str, members: Sequence[Any]) -> exp.Expr:
        if value is None:
            return exp.false()
        if op == "exact":
            return is_among(value, members, self.dialect)
        return self._compare_value(value, op, members[0])

    def _as_type(self, value: Value, kind: Any) -> Value | None:
        """Return a value as the type of a Python value; None if it has another one."""
        if kind is bool:
            return to_boolean(value)
        if kind == (int, float):
            return to_number(value, self.dialect)
        if kind in (datetime, date):
            return to_date(value, self.dialect, is_moment=kind is datetime)
        return to_text(value, self.dialect)


def any_of(tests: Sequence[exp.Expr]) -> exp.Expr:
    """Return whether one of some conditions is true."""
    if len(tests) < 2:
        return tests[0] if tests else exp.false()
    return exp.paren(exp.or_(*tests))


def _has_type(value: Any, kind: Any) -> bool:
    """Return whether a value has a type, and not only a type that is derived from it."""
    if isinstance(value, bool):
        return kind is bool
    if isinstance(value, datetime):
        return kind is datetime
    return isinstance(value, kind)


def _is_ambiguous(value: Any) -> bool:
    """Return whether a value inside JSON may be written like one of another type."""
    return isinstance(value, bool) or str(value)[:1] in ("t", "f", "{", "[")


def _is_long(value: Any) -> bool:
    return type(value) is int and abs(value) > 2**53


def _trims(field: Attribute[Any]) -> bool:
    """Return whether values of a field are compared without outer blanks."""
    return bool(field.key(" ") != " ")


def _is_null(field: Attribute[Any], table: Table, *, is_null: bool) -> exp.Expr:
    empty = table.storage.is_empty(field, table.alias)
    if empty is None:
        empty = exp.Is(this=table.value(field).expression, expression=exp.null())
    return empty if is_null else exp.not_(exp.paren(empty))

"""The SQL of queries, cached by the shape of the query.

Two queries have the same shape if they differ only in ids, other whole numbers, dates and moments,
whose places in the text of the statement are known. Other values decide which functions a statement
needs, and belong to the shape.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Hashable, Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Any

from attrs import evolve, frozen

from zendesk_orm.errors import NoEndpoint
from zendesk_orm.plan.planner import TemplateCache
from zendesk_orm.query.dates import RelativeTime
from zendesk_orm.query.predicate import Condition, Not, Predicate, Subquery
from zendesk_orm.query.query import Query


#: The shapes that a database remembers.
_CAPACITY = 512
#: Larger numbers, and those below zero, are compared in other ways.
_LARGEST = 2**53
#: Values that stand for those of a query while its template is compiled, and that no query has.
_FIRST_NUMBER = 7_305_511_000_000_000
_FIRST_MOMENT = datetime(9001, 1, 1, tzinfo=timezone.utc)
_FIRST_DAY = date(9002, 1, 1)
_MARKS = re.compile(
    r"(7305511\d{9}(?:, 7305511\d{9})?|9001-\d\d-\d\d \d\d:\d\d:\d\d|9002-\d\d-\d\d)"
)
#: The most values, fewer than the year 9002 has days.
_MAX_VALUES = 300


class _NoShapeError(Exception):
    """The statement of a query is not cached."""


@frozen
class _Template:
    """A statement without the values of its query.

    Attributes:
        parts: texts, and between them the places of values: every second part.
    """

    parts: tuple[Any, ...]

    @classmethod
    def of(cls, sql: str, marks: list[str]) -> _Template | None:
        """Return the template of a statement; None if it lacks the mark of a value."""
        parts: list[Any] = _MARKS.split(sql)
        places = {mark: place for place, mark in enumerate(marks)}
        if places.keys() != set(parts[1::2]):
            return None
        parts[1::2] = [places[mark] for mark in parts[1::2]]
        return cls(tuple(parts))

    def fill(self, values: list[str]) -> str:
        """Return the statement with the texts of values."""
        parts = [*self.parts]
        parts[1::2] = [values[place] for place in self.parts[1::2]]
        return "".join(parts)


class Statements:
    """The statements of a database by the shape of their queries.

    Args:
        storage: returns how the rows of a model are stored, of which statements depend on.
    """

    def __init__(self, storage: Callable[[Any], Hashable]) -> None:
        self._storage = storage
        self._templates: TemplateCache[tuple[_Template | None]] = TemplateCache(_CAPACITY)

    def __len__(self) -> int:
        return len(self._templates)

    def get_or_compile(
        self, query: Query, now: float, form: Hashable, compile_query: Callable[[Query], str]
    ) -> str:
        """Return the statement of a query.

        Args:
            query: the query.
            now: the moment that relative times refer to, in seconds since the epoch.
            form: a value that differs if the statement of an equal query does, such as its columns.
            compile_query: returns the statement of a query.

        Raises:
            NoEndpoint: a part of the query cannot be computed in SQL, or is not stored.
        """
        values = _Values(now)
        try:
            shape = values.add_query(query)
        except _NoShapeError:
            return compile_query(query)
        key = (form, shape, *map(self._storage, values.models))
        entry = self._templates.get(key)
        if entry is None:
            entry = (_compile_template(query, now, compile_query),)
            self._templates.put(key, entry)
        (template,) = entry
        return compile_query(query) if template is None else template.fill(values.texts)

    def clear(self) -> None:
        """Forget all statements."""
        self._templates.clear()


def _compile_template(
    query: Query, now: float, compile_query: Callable[[Query], str]
) -> _Template | None:
    """Return the template of a query; None if its statement depends on its values."""
    marked = evolve(query, where=_mark(query.where, itertools.count()))
    marks = _Values(now)
    try:
        # With other values than those of the query, conditions may exclude each other.
        marks.add_query(marked)
        return _Template.of(compile_query(marked), marks.texts)
    except (_NoShapeError, NoEndpoint):
        # Messages show the values of the query itself.
        return None


class _Values:
    """The values of a query that its statement contains as they are.

    Args:
        now: the moment that relative times refer to, in seconds since the epoch.

    Attributes:
        texts: the values, as the statement spells them.
        models: the models whose tables are read.
    """

    def __init__(self, now: float) -> None:
        self._now = now
        self.texts: list[str] = []
        self.models: list[Any] = []

    def add_query(self, query: Query) -> Hashable:
        """Add the values of a query, and return its shape.

        Raises:
            _NoShapeError: the statement is not cached.
        """
        if query.as_of is not None or query.distinct is not None or query.empty:
            raise _NoShapeError
        self.models.append(query.model)
        return (
            query.model,
            query.order,
            query.start,
            query.stop,
            self._add_predicate(query.where),
        )

    def _add_predicate(self, where: Predicate) -> Hashable:
        if isinstance(where, Condition):
            return where.name, where.op, self._add_value(where.value)
        if isinstance(where, Not):
            return Not, self._add_predicate(where.part)
        return type(where), tuple(map(self._add_predicate, where.parts))

    def _add_value(self, value: Any) -> Hashable:
        if isinstance(value, Subquery):
            query = value.query or Query(value.model, value.where)
            if query.windowed:
                raise _NoShapeError
            return self.add_query(query), query.projection
        kind = _kind_of(value)
        if kind is not None:
            if len(self.texts) == _MAX_VALUES:
                raise _NoShapeError
            self.texts.append(self._to_text(value))
            return kind
        members = value if isinstance(value, tuple) else (value,)
        try:
            hash(members)
        except TypeError:
            raise _NoShapeError from None
        if any(_MARKS.search(str(member)) for member in members):
            raise _NoShapeError
        # Values of several types are equal, such as 1 and True.
        return type(value), tuple(map(type, members)), members

    def _to_text(self, value: Any) -> str:
        if isinstance(value, tuple):
            return ", ".join(map(str, value))
        if isinstance(value, RelativeTime):
            value = value.moment(self._now)
        if isinstance(value, datetime):
            return value.astimezone(timezone.utc).replace(tzinfo=None).isoformat(" ")
        return str(value)


def _kind_of(value: Any) -> str | None:
    """Return the kind of a value whose text takes the place of others; None for other values."""
    kind = type(value)
    if kind is int:
        return "number" if 0 <= value < _LARGEST else None
    if kind is tuple:
        is_many = len(value) > 1 and {*map(type, value)} == {int}
        return "numbers" if is_many and min(value) >= 0 and max(value) < _LARGEST else None
    if kind in (datetime, RelativeTime):
        return "moment"
    return "day" if kind is date else None


def _mark(where: Predicate, numbers: Iterator[int]) -> Predicate:
    """Return a predicate with marks in place of the values of its template."""
    if isinstance(where, Not):
        return Not(_mark(where.part, numbers))
    if not isinstance(where, Condition):
        return evolve(where, parts=tuple(_mark(part, numbers) for part in where.parts))
    value = where.value
    if isinstance(value, Subquery):
        query = value.query or Query(value.model, value.where)
        query = evolve(query, where=_mark(query.where, numbers))
        return evolve(where, value=evolve(value, where=query.where, query=query))
    kind = _kind_of(value)
    return where if kind is None else evolve(where, value=_build_mark(kind, numbers))


def _build_mark(kind: str, numbers: Iterator[int]) -> Any:
    number = next(numbers)
    if kind == "moment":
        return _FIRST_MOMENT + timedelta(seconds=number)
    if kind == "day":
        return _FIRST_DAY + timedelta(days=number)
    first = _FIRST_NUMBER + 2 * number
    return first if kind == "number" else (first, first + 1)

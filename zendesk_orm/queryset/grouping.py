"""`Groups`: the groups of `values(...).annotate(...)`, each with aggregates over its rows."""

from __future__ import annotations

import operator
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, overload

from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.messages import display, suggestion
from zendesk_orm.query.aggregates import Aggregate, build_reader, compute
from zendesk_orm.query.keywords import require_list, require_pair
from zendesk_orm.query.ordering import comparable
from zendesk_orm.query.projection import build_projection, hashable, relations_of
from zendesk_orm.query.q import Q
from zendesk_orm.queryset.asynchronous import asynchronous
from zendesk_orm.schema.accounts import as_reusable
from zendesk_orm.schema.arguments import require_name
from zendesk_orm.session.evaluation import observe


#: The lookups of `Groups.filter()`, each with the comparison of a value with the expected one.
_LOOKUPS: Mapping[str, Callable[[Any, Any], bool]] = {
    "exact": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "in": lambda value, members: value in members,
    "range": lambda value, pair: pair[0] <= value <= pair[1],
}


class Groups:
    """Groups of rows with equal values, each as a dictionary of these values and of aggregates.

    They are computed when they are first needed: by the database of a warehouse, and otherwise
    client-side from all rows, which `scan()` has to allow if the model has many.

    >>> by_status = Ticket.objects.scan().values("status").annotate(number=Count("id"))
    >>> by_status.order_by("-number")[0]
    {'status': 'closed', 'number': 1695}
    >>> [group["status"] for group in by_status.filter(number__lt=100)]
    ['hold', 'new']

    Args:
        queryset: the query for the rows, with `values()`.
        aggregates: the aggregates by name.
    """

    def __init__(self, queryset: Any, aggregates: Mapping[str, Aggregate]) -> None:
        self._queryset = queryset
        self._names: tuple[str, ...] = queryset.query.projection.names
        self._aggregates = dict(aggregates)
        self._order: tuple[str, ...] = ()
        self._tests: tuple[Callable[[dict[str, Any]], bool], ...] = ()
        self._groups: list[dict[str, Any]] | None = None

    def order_by(self, *names: str) -> Groups:
        """Return the groups in the order of their values or aggregates; `-` for descending.

        Raises:
            FieldError: the groups have no such value.
        """
        for name in names:
            self._require_column(require_name(name).lstrip("-"))
        groups = self._copy(self._queryset)
        groups._order = names
        return groups

    def filter(self, *q: Q, **lookups: Any) -> Groups:
        """Return the groups whose values and aggregates match, as `HAVING` does in SQL.

        The lookups are `exact`, `gt`, `gte`, `lt`, `lte`, `in`, `range` and `isnull`. Conditions on
        rows belong before `values()`.

        Raises:
            FieldError: the groups have no such value or lookup.
        """
        return self._narrow(Q(*q, **lookups))

    def exclude(self, *q: Q, **lookups: Any) -> Groups:
        """Return the groups that do not match; see `filter()`."""
        return self._narrow(~Q(*q, **lookups))

    def _narrow(self, where: Q) -> Groups:
        groups = self._copy(self._queryset)
        groups._tests = (*self._tests, self._build_test(where))
        return groups

    def _require_column(self, name: str) -> None:
        columns = [*self._names, *self._aggregates]
        if name not in columns:
            similar = suggestion(name, columns)
            raise FieldError(f"the groups have no value {display(name)}{similar}")

    def _build_test(self, where: Q) -> Callable[[dict[str, Any]], bool]:
        """Return the function that checks whether a group matches a condition."""
        tests = [
            self._build_test(part) if isinstance(part, Q) else self._build_comparison(*part)
            for part in where.parts
        ]
        if where.op == "not":
            return lambda group: not tests[0](group)
        combine = any if where.op == "or" else all
        return lambda group: combine(test(group) for test in tests)

    def _build_comparison(self, keyword: str, expected: Any) -> Callable[[dict[str, Any]], bool]:
        """Return the function that checks whether a group has a value that matches a keyword."""
        name, _, lookup = keyword.rpartition("__")
        if keyword in (*self._names, *self._aggregates) or not name:
            name, lookup = keyword, "exact"
        self._require_column(name)
        if lookup == "isnull":
            if not isinstance(expected, bool):
                raise InvalidValue(f"{keyword}: isnull must be True or False")
            return lambda group: (group[name] is None) is expected
        compare = _LOOKUPS.get(lookup)
        if compare is None:
            similar = suggestion(lookup, [*_LOOKUPS, "isnull"])
            raise FieldError(f"{keyword}: groups have no lookup {display(lookup)}{similar}")
        if expected is None and lookup != "exact":
            raise InvalidValue(f"{keyword}: None cannot be compared by {display(lookup)}")
        if expected is None:
            return lambda group: group[name] is None
        if lookup in ("in", "range"):
            values = as_reusable(expected)
            expected = require_list(values) if lookup == "in" else require_pair(values)

        def test(group: dict[str, Any]) -> bool:
            value = group[name]
            try:
                return value is not None and compare(value, expected)
            except TypeError:
                raise InvalidValue(
                    f"{keyword}: {display(value)} cannot be compared with {display(expected)}"
                ) from None

        return test

    def using(self, alias: str) -> Groups:
        """Return the same groups of another account or database."""
        return self._copy(self._queryset.using(alias))

    def all(self) -> Groups:
        """Return a copy without cached groups."""
        return self._copy(self._queryset)

    def _copy(self, queryset: Any) -> Groups:
        groups = Groups(queryset, self._aggregates)
        groups._order, groups._tests = self._order, self._tests
        return groups

    def explain(self) -> str:
        """Return how the rows are read."""
        session, query = self._queryset._session, self._queryset._resolved_query
        text = None
        if not session.planning.reads_zendesk:
            aggregates = self._queryset._resolve_aggregates(self._aggregates, in_database=True)
            text = session.planning.explain_groups(session, query, aggregates)
        return self._queryset._as_objects().explain() if text is None else str(text)

    def first(self) -> dict[str, Any] | None:
        """Return the first group, or None."""
        return next(iter(self), None)

    def last(self) -> dict[str, Any] | None:
        """Return the last group, or None."""
        return next(iter(self._compute()[-1:]), None)

    def exists(self) -> bool:
        """Return True if there are groups."""
        return bool(self._compute())

    def count(self) -> int:
        """Return the number of groups."""
        return len(self)

    def iterator(self) -> Iterator[dict[str, Any]]:
        """Yield the groups."""
        return iter(self)

    afirst = asynchronous(first)
    alast = asynchronous(last)
    aexists = asynchronous(exists)
    acount = asynchronous(count)

    async def __aiter__(self) -> AsyncIterator[dict[str, Any]]:
        """Yield the groups, which are computed in a thread."""
        await self.acount()
        for group in self._compute():
            yield group

    @property
    def _session(self) -> Any:
        return self._queryset._session

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self._compute())

    def __len__(self) -> int:
        return len(self._compute())

    @overload
    def __getitem__(self, key: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, key: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, key: int | slice) -> Any:
        return self._compute()[key]

    def _compute(self) -> list[dict[str, Any]]:
        if self._groups is None:
            groups = self._read()
            groups = [group for group in groups if all(test(group) for test in self._tests)]
            # Without an order, groups are in that of their values, whatever computes them.
            for name in reversed([*self._order, *self._names]):
                plain = name.lstrip("-")
                groups.sort(key=lambda group: _sort_key(group[plain]), reverse=name[:1] == "-")
            self._groups = groups
        return self._groups

    def _read(self) -> list[dict[str, Any]]:
        queryset = self._queryset
        query = queryset._resolved_query
        if query.empty:
            return []
        session = queryset._session
        groups: list[dict[str, Any]] | None = None
        if not session.planning.reads_zendesk:
            aggregates = queryset._resolve_aggregates(self._aggregates, in_database=True)
            group = session.planning.group
            groups = observe(session, query, "group", group, session, query, aggregates)
        if groups is None:
            return self._group_rows()
        return [queryset._read_declared(self._aggregates, group) for group in groups]

    def _group_rows(self) -> list[dict[str, Any]]:
        """Return the groups, computed client-side from all rows."""
        rows = self._queryset._as_objects()
        rows._require_readable()
        meta, aggregates = rows.query.meta, rows._resolve_aggregates(self._aggregates)
        to_key = build_projection(meta, self._names, "dict").function()
        read = build_reader(rows.model, aggregates)
        keys: dict[Any, dict[str, Any]] = {}
        values: dict[Any, list[dict[str, Any]]] = {}
        for record in rows.select_related(*relations_of(meta, self._names)).iterator():
            group = to_key(record)
            key = hashable(list(group.values()))
            keys.setdefault(key, group)
            values.setdefault(key, []).append(read(record))
        return [
            {
                **keys[key],
                **{
                    name: compute(rows.model, item, [row[name] for row in members])
                    for name, item in aggregates.items()
                },
            }
            for key, members in values.items()
        ]

    def __repr__(self) -> str:
        names = ", ".join((*self._names, *self._aggregates))
        return f"<{type(self).__name__} of {self._queryset.model.__name__}: {names}>"


def _sort_key(value: Any) -> tuple[Any, ...]:
    """Return the key by which values are ordered; None comes last."""
    return (True,) if value is None else (False, *comparable(value))


def check_annotations(
    queryset: Any, aggregates: tuple[Any, ...], named_aggregates: Mapping[str, Any]
) -> dict[str, Aggregate]:
    """Return the aggregates of `annotate()` by name.

    Raises:
        FieldError: the query has no `values()`; a name is that of a value.
        InvalidValue: an argument is not an aggregate.
    """
    by_name = {getattr(item, "default_alias", ""): item for item in aggregates}
    by_name |= named_aggregates
    if queryset.query.projection is None or queryset.query.windowed:
        raise FieldError(
            "annotate() groups the rows of values(): values('status').annotate(n=Count('id')); "
            "Zendesk computes no values per row, for which you can use a loop"
        )
    for name, item in by_name.items():
        if not isinstance(item, Aggregate):
            raise InvalidValue(
                f"annotate() takes Count, Min, Max, Sum or Avg objects, not {display(item)}"
            )
        if name in queryset.query.projection.names:
            raise FieldError(f"{display(name)} is the name of a value already")
        queryset._check_aggregate(item)
    return by_name

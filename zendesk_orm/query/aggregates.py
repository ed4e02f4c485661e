"""Aggregates for `aggregate()`: `Count("id")`, `Max("created_at")`, `Avg(...)`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from attrs import field, frozen

from zendesk_orm.http.values import require_bool
from zendesk_orm.query.ordering import ranks
from zendesk_orm.query.projection import build_projection, hashable
from zendesk_orm.query.q import Q
from zendesk_orm.schema.arguments import require_name
from zendesk_orm.schema.fields import column


@frozen
class Aggregate:
    """A number or a value that is computed from all rows.

    Attributes:
        name: the field.
        filter: the condition of the rows that count; None for all rows.
    """

    name: str = field(converter=require_name)
    filter: Q | None = field(default=None, kw_only=True)

    #: The suffix of the default alias.
    label: ClassVar[str] = ""

    @property
    def default_alias(self) -> str:
        """The key in the result if no other is given: `created_at__max`."""
        return f"{self.name}__{self.label}"

    def of(self, values: Iterable[Any]) -> Any:
        """Return the aggregate of values; None if there are no values."""
        raise NotImplementedError


def _check_distinct(_instance: Any, _attribute: Any, value: Any) -> None:
    require_bool("Count(): distinct", value)


@frozen
class Count(Aggregate):
    """The number of rows that have a value; for `"id"` or `"*"`, the number of rows.

    >>> Ticket.objects.filter(status="open").aggregate(Count("id"), worst=Max("priority"))
    {'id__count': 191, 'worst': 'urgent'}
    >>> Ticket.objects.aggregate(new=Count("id", filter=Q(status="new")), number=Count("id"))
    {'new': 35, 'number': 3000}

    Attributes:
        distinct: True to count equal values once.
    """

    distinct: bool = field(default=False, validator=_check_distinct)
    label: ClassVar[str] = "count"

    def of(self, values: Iterable[Any]) -> Any:
        """Return the number of values."""
        return sum(1 for _ in values)


@frozen
class Min(Aggregate):
    """The smallest value.

    >>> Ticket.objects.filter(status="open").scan().aggregate(Min("id"))
    {'id__min': 11}
    """

    label: ClassVar[str] = "min"

    def of(self, values: Iterable[Any]) -> Any:
        """Return the smallest value, or None if there are no values."""
        return min(values, default=None)


@frozen
class Max(Aggregate):
    """The largest value.

    >>> Ticket.objects.filter(status="open").scan().aggregate(worst=Max("priority"))
    {'worst': 'urgent'}
    """

    label: ClassVar[str] = "max"

    def of(self, values: Iterable[Any]) -> Any:
        """Return the largest value, or None if there are no values."""
        return max(values, default=None)


@frozen
class Sum(Aggregate):
    """The sum of all values.

    >>> Ticket.objects.filter(id__in=[1, 2, 3]).aggregate(Sum("id"))
    {'id__sum': 6}
    """

    label: ClassVar[str] = "sum"

    def of(self, values: Iterable[Any]) -> Any:
        """Return the sum."""
        numbers = list(values)
        return sum(numbers) if numbers else None


@frozen
class Avg(Aggregate):
    """The mean of all values.

    >>> Ticket.objects.filter(id__in=[1, 2, 3]).aggregate(Avg("id"))
    {'id__avg': 2.0}
    """

    label: ClassVar[str] = "avg"

    def of(self, values: Iterable[Any]) -> Any:
        """Return the mean."""
        numbers = list(values)
        return sum(numbers) / len(numbers) if numbers else None


def build_reader(
    model: type[Any], aggregates: Mapping[str, Aggregate]
) -> Callable[[Any], dict[str, Any]]:
    """Return the function that returns the value of each aggregate from a record.

    The value is None if the record does not match the filter of the aggregate.
    """
    names = tuple(dict.fromkeys(item.name for item in aggregates.values() if item.name != "*"))
    to_dict = build_projection(model._meta, names, "dict").function() if names else None
    tests = {
        alias: item.filter.bind(model)
        for alias, item in aggregates.items()
        if item.filter is not None
    }

    def read(record: Any) -> dict[str, Any]:
        values = {} if to_dict is None else to_dict(record)
        # Without unsaved edits.
        stored = type(record).from_row(record._row, record._source) if tests else None
        return {
            alias: values.get(item.name, True)
            if alias not in tests or tests[alias](stored)
            else None
            for alias, item in aggregates.items()
        }

    return read


def compute(model: type[Any], aggregate: Aggregate, values: Iterable[Any]) -> Any:
    """Return an aggregate of the values of rows; missing values do not count."""
    present = [value for value in values if value is not None]
    if isinstance(aggregate, Count) and aggregate.distinct:
        present = list({hashable(value) for value in present})
    if isinstance(aggregate, (Min, Max)):
        choices = ranks(column(model._meta.get_field(aggregate.name)))
        if choices:
            # As in an order, a choice is compared by its rank.
            place = aggregate.of(choices.index(value) for value in present if value in choices)
            return None if place is None else choices[place]
    return aggregate.of(present)

"""Aggregates for `aggregate()`: `Count("id")`, `Max("created_at")`, `Avg(...)`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from attrs import frozen

from zendesk_orm.query.projection import hashable


@frozen
class Aggregate:
    """A number or a value that is computed from all rows.

    Attributes:
        name: the field.
    """

    name: str

    #: The suffix of the default alias.
    label: ClassVar[str] = ""

    @property
    def default_alias(self) -> str:
        """The key in the result if no other is given: `created_at__max`."""
        return f"{self.name}__{self.label}"

    def of(self, values: Iterable[Any]) -> Any:
        """Return the aggregate of values; None if there are no values."""
        raise NotImplementedError


@frozen
class Count(Aggregate):
    """The number of rows that have a value; for `"id"` or `"*"`, the number of rows.

    >>> Ticket.objects.filter(status="open").aggregate(Count("id"), worst=Max("priority"))
    {'id__count': 191, 'worst': 'urgent'}

    Attributes:
        distinct: True to count equal values once.
    """

    distinct: bool = False
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


def compute(aggregate: Aggregate, values: Iterable[Any]) -> Any:
    """Return an aggregate of the values of rows; missing values do not count."""
    present = [value for value in values if value is not None]
    if isinstance(aggregate, Count) and aggregate.distinct:
        present = list({hashable(value) for value in present})
    return aggregate.of(present)

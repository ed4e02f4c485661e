"""What `aggregate()` takes: `Count("id")`, `Max("created_at")`, `Avg(...)`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from attrs import frozen


@frozen
class Aggregate:
    """One number, or one value, of all rows.

    Attributes:
        name: the field.
    """

    name: str

    #: What it is called in the result when nobody says otherwise.
    label: ClassVar[str] = ""

    @property
    def default_alias(self) -> str:
        """`created_at__max`."""
        return f"{self.name}__{self.label}"

    def of(self, values: Iterable[Any]) -> Any:
        """Return the aggregate of the values that there are; None of none."""
        raise NotImplementedError  # Each aggregate says how.


@frozen
class Count(Aggregate):
    """How many rows have a value; of `"id"`, or `"*"`, how many rows there are.

    Attributes:
        distinct: whether equal values count once.
    """

    distinct: bool = False
    label: ClassVar[str] = "count"

    def of(self, values: Iterable[Any]) -> Any:
        """Return how many values there are."""
        return sum(1 for _ in values)


@frozen
class Min(Aggregate):
    """The least value."""

    label: ClassVar[str] = "min"

    def of(self, values: Iterable[Any]) -> Any:
        """Return the least value."""
        return min(values, default=None)


@frozen
class Max(Aggregate):
    """The greatest value."""

    label: ClassVar[str] = "max"

    def of(self, values: Iterable[Any]) -> Any:
        """Return the greatest value."""
        return max(values, default=None)


@frozen
class Sum(Aggregate):
    """The sum of all values."""

    label: ClassVar[str] = "sum"

    def of(self, values: Iterable[Any]) -> Any:
        """Return the sum."""
        found = list(values)
        return sum(found) if found else None


@frozen
class Avg(Aggregate):
    """The mean of all values."""

    label: ClassVar[str] = "avg"

    def of(self, values: Iterable[Any]) -> Any:
        """Return the mean."""
        found = list(values)
        return sum(found) / len(found) if found else None

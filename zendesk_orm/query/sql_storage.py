"""How rows are stored in a database, as the compiler of `query.sql` sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from attrs import frozen
from sqlglot import exp

from zendesk_orm.errors import NoEndpoint
from zendesk_orm.query.sql_values import Value
from zendesk_orm.schema.fields import Attribute
from zendesk_orm.schema.options import Options


class Storage(Protocol):
    """The rows of a model in a database."""

    def table(self, alias: str) -> exp.Expr:
        """Return the table, named by an alias."""
        ...

    def present(self, alias: str, *, with_deleted: bool = False) -> exp.Expr | None:
        """Return the condition of the latest versions of rows that exist; None for all rows.

        Args:
            alias: the alias of the table.
            with_deleted: whether rows that are marked as deleted are included.
        """
        ...

    def place_of(self, field: Attribute[Any]) -> str:
        """Return where a field is stored, for messages."""
        ...

    def value(self, field: Attribute[Any], alias: str) -> Value:
        """Return the value of a field.

        Raises:
            NoEndpoint: it is not stored.
        """
        ...

    def sortable(self, field: Attribute[Any], alias: str) -> Value:
        """Return the value of a field by which rows are ordered; of a custom field, by its type.

        Raises:
            NoEndpoint: it is not stored, or has no order.
        """
        ...

    def key(self, field: Attribute[Any], alias: str) -> Value:
        """Return the value of a field by which rows are grouped: equal if the values are equal.

        Raises:
            NoEndpoint: it is not stored.
        """
        ...

    def contains(
        self, field: Attribute[Any], members: Sequence[Any], alias: str
    ) -> exp.Expr | None:
        """Return whether a list contains one of some members; None for a field of another type."""
        ...

    def is_empty(self, field: Attribute[Any], alias: str) -> exp.Expr | None:
        """Return whether a list has no members; None for a field of another type."""
        ...


class Database(Protocol):
    """The tables of an account in a database."""

    @property
    def dialect(self) -> str:
        """Sqlglot's name of the dialect."""
        ...

    def storage(self, model: Any) -> Storage:
        """Return how the rows of a model are stored.

        Raises:
            NoEndpoint: they are not stored.
        """
        ...


#: Returns the selected expressions, from the storage and the alias of the table.
Columns = Callable[[Storage, str], Iterable[exp.Expr]]


@frozen
class Table:
    """The table of a query, with its alias in the statement."""

    meta: Options
    storage: Storage
    alias: str

    def value(self, field: Attribute[Any]) -> Value:
        """Return the value of a field."""
        return self.storage.value(field, self.alias)


def refuse(meta: Options, reason: str, remedy: str) -> NoEndpoint:
    """Return the error for a part of a query that SQL cannot compute."""
    return NoEndpoint(f"{meta.object_name}: {reason}; {remedy}")

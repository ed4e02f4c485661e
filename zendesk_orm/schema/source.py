"""Sources of records: a session, or the name of an account."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, Protocol

from zendesk_orm.errors import ConfigurationError


if TYPE_CHECKING:
    from zendesk_orm.schema.record import Record
    from zendesk_orm.schema.row import Row

#: The account that a record belongs to when none was named.
DEFAULT = "default"


class BoundAlias(str):
    """The alias of an account, as its objects name it: with whom they belong to.

    A query of `using("default")` acts as the user of the `acting_as()` block around it. With
    the alias of an object, `using(ticket.using)`, it acts as the identity with which the object
    was read, inside and outside blocks.
    """

    __slots__ = ()


class Source(Protocol):
    """The session of a record, as far as records use it."""

    @property
    def alias(self) -> str:
        """The account's name."""
        ...

    @property
    def account_identity(self) -> Hashable:
        """A value that the account shares with its brands and with other aliases of its host."""
        ...

    @property
    def on_behalf_of(self) -> str | None:
        """The end user as whom it sends requests, or None for the account itself."""
        ...

    @property
    def session(self) -> Any:
        """The session of this thread or task.

        Raises:
            ConfigurationError: the account is not connected.
        """
        ...

    @property
    def is_connected(self) -> bool:
        """Whether the account is connected."""
        ...

    def load(self, record: Record, wire: str) -> None:
        """Fetch the row of a record, at least with the value of a key."""

    def refer(self, model: type[Any], pk: Any, values: Row | None = None) -> Any:
        """Return the record of an id, without a request; `values` has further keys of its path."""
        ...


class SourceResolver:
    """Finds the source of an account by its alias.

    Records know no accounts; the module `account`, which does, registers the function.
    """

    def __init__(self) -> None:
        self._find: Callable[[str], Source] | None = None

    def register(self, find: Callable[[str], Source]) -> None:
        """Set the function that returns the source of an alias."""
        self._find = find

    def __call__(self, alias: str) -> Source:
        """Return the source of an account, whether it is connected or not.

        Inside `acting_as()`, the source acts as that user, unless the alias is bound.

        Raises:
            ConfigurationError: no function was registered.
        """
        if self._find is None:
            raise ConfigurationError("import zendesk_orm before objects are used")
        return self._find(alias)


#: The resolver of this process.
source_of = SourceResolver()

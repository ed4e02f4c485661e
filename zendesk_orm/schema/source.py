"""Where records come from, as far as they need to know: a session, or the name of an account."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any, Protocol


if TYPE_CHECKING:
    from zendesk_orm.schema.definitions import Definitions
    from zendesk_orm.schema.options import Options
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
    """Where a record came from, as far as a record needs to know: its session."""

    @property
    def alias(self) -> str:
        """The account's name."""
        ...

    @property
    def account_identity(self) -> Hashable:
        """What its account has in common with its brands and with other aliases of its host."""
        ...

    @property
    def on_behalf_of(self) -> str | None:
        """The end user as whom it sends requests, or None for the account itself."""
        ...

    def load(self, record: Record) -> None:
        """Fetch the whole row of a hollow record."""

    def refer(self, model: type[Any], pk: Any, known: Row | None = None) -> Any:
        """Return the record of that id, without a request; `known` is what its path needs."""
        ...

    def at_hand(self, model: type[Any], key: Any) -> Any:
        """Return the record of that key if it need not be read, or None."""
        ...

    def definitions(self, meta: Options, scope: Mapping[str, Any]) -> Definitions:
        """Return the custom fields that the account has for a model; a request at first."""
        ...

    def known_definitions(self, meta: Options, scope: Mapping[str, Any]) -> Definitions | None:
        """Return the same without a request, or None when they are not known."""
        ...


#: Finds the source of a record that has none by itself; the account module sets it.
_sources: list[Callable[[str], Source]] = []


def source_of(alias: str) -> Source:
    """Return a source that stands for the account of that name, connected or not yet.

    Inside `acting_as()` that is the account as the user, unless the alias is bound.
    """
    return _sources[-1](alias)


def set_source_of(find: Callable[[str], Source]) -> None:
    """Say how an account is found by its name."""
    _sources[:] = [find]

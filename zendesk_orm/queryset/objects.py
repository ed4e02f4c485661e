"""The descriptor behind `objects`, which makes a manager each time it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from zendesk_orm.errors import FieldError
from zendesk_orm.query.query import Query


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.manager import Manager

R = TypeVar("R")
M = TypeVar("M")


class _Abstract(FieldError, AttributeError):
    """A manager was asked of an abstract class; as in Django, an `AttributeError`, too."""


class Objects:
    """The descriptor behind `objects`: a new manager each time, for the class only."""

    def __init__(self, manager: type[Any]) -> None:
        self._manager = manager
        self._name = "objects"

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def contribute_to_class(self, cls: type, name: str) -> None:
        """Make this a manager of a class under a name, as `cls.name = ...` does."""
        self.__set_name__(cls, name)
        setattr(cls, name, self)

    @overload
    def __get__(self, record: None, owner: type[R]) -> Manager[R]: ...
    @overload
    def __get__(self, record: object, owner: type[Any]) -> Self: ...
    def __get__(self, record: object | None, owner: type[Any]) -> Any:
        """Return a manager of the class.

        Raises:
            AttributeError: asked of an object, as in Django.
            FieldError: asked of an abstract class; also an AttributeError.
        """
        if record is not None:
            name = self._name
            raise AttributeError(f"{name} belongs to {owner.__name__}, not to one of its objects")
        return rooted(self._manager, owner)


class Own(Objects, Generic[M]):
    """The same for a manager of one's own, whose class type checkers know."""

    if TYPE_CHECKING:
        # It gives another class than every model's own.
        @overload  # type: ignore[override] # another class than every model's
        def __get__(self, record: None, owner: type[Any]) -> M: ...
        @overload
        def __get__(self, record: object, owner: type[Any]) -> Self: ...
        def __get__(  # pyright: ignore[reportIncompatibleMethodOverride] # the same reason
            self, record: object | None, owner: type[Any]
        ) -> Any: ...


def rooted(manager: type[Any], model: Any, query: Query | None = None) -> Any:
    """Return a manager of a model: all rows, those of a proxy, or those of a query."""
    meta = model._meta
    if meta.abstract:
        raise _Abstract(f"{meta.object_name} is abstract; only its subclasses have rows")
    made = manager(Query.of(model) if query is None else query)
    made._root = True
    narrow = getattr(made, "get_queryset", None)
    if narrow is not None:
        # A subclass may begin with fewer rows, as in Django.
        made = manager(narrow()._query)
        made._root = True
    return made

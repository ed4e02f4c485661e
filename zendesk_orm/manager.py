"""`Ticket.objects`: where queries begin."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, TypeVar, cast

from zendesk_orm.queryset.objects import Objects
from zendesk_orm.queryset.queryset import QuerySet


R = TypeVar("R")
#: The class of the query itself; jedi understands no `Self` of a generic class.
S = TypeVar("S", bound="Manager[Any]")


class Manager(QuerySet[R]):
    """All rows of a model, from which every query starts.

    A manager is a QuerySet that nothing was asked of yet. A subclass adds methods,
    which its results have, too: `objects = TicketManager.as_manager()`.
    """

    # What Django's internals look at, and nothing here needs.
    auto_created: ClassVar[bool] = False
    creation_counter: ClassVar[int] = 0
    use_in_migrations: ClassVar[bool] = False

    def get_queryset(self: S) -> S:
        """Return all rows; a subclass may narrow them."""
        return self.all()

    def db_manager(self: S, using: str | None = None, hints: Any = None) -> S:
        """Return the same, asked of another account; `hints` are for Django's routers."""
        made = self.using(using) if using else self.all()
        made._root = True
        return made

    def contribute_to_class(self, cls: type, name: str) -> None:
        """Make this the manager of a class under a name, as `cls.name = ...` does."""
        Objects(type(self)).contribute_to_class(cls, name)

    def deconstruct(self) -> tuple[bool, str, None, tuple[()], dict[str, Any]]:
        """Return what Django's migrations would write: the path of the class."""
        cls = type(self)
        return False, f"{cls.__module__}.{cls.__qualname__}", None, (), {}

    def check(self, **kwargs: Any) -> list[Any]:
        """Return what is wrong with the manager: nothing."""
        return []

    @classmethod
    def from_queryset(
        cls, queryset_class: type[QuerySet[Any]], class_name: str | None = None
    ) -> type[Manager[Any]]:
        """Return a manager class that has the methods of a QuerySet class, too."""
        name = class_name or f"{cls.__name__}From{queryset_class.__name__}"
        made: Any = type(name, (cls, queryset_class), {})
        return cast("type[Manager[Any]]", made)


class Same:
    """The descriptor of another name for `objects`, which Django's views and shortcuts use."""

    def __get__(self, record: object | None, owner: Any) -> Any:
        """Return the manager of the class."""
        return owner.objects


class Elsewhere(Generic[R]):
    """The descriptor of a manager of another model: `Ticket.deleted` gives deleted tickets."""

    def __init__(self, model: type[R]) -> None:
        self._model = model

    def __get__(self, record: object | None, owner: type[Any]) -> Manager[R]:
        """Return a manager of the other model.

        Raises:
            AttributeError: asked of an object.
        """
        if record is not None:
            raise AttributeError(f"this manager belongs to {owner.__name__}, not to an object")
        model: Any = self._model
        found: Manager[R] = model.objects
        return found

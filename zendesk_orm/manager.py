"""`Ticket.objects`: where queries begin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, overload

from zendesk_orm.errors import FieldError
from zendesk_orm.query.query import Query
from zendesk_orm.queryset import QuerySet


if TYPE_CHECKING:
    from typing_extensions import Self

R = TypeVar("R")


class Manager(QuerySet[R]):
    """All rows of a model, from which every query starts.

    A subclass adds methods: `class Ticket(Model): objects = Objects(TicketManager)`.
    """

    def _with(self, query: Query) -> QuerySet[R]:
        return QuerySet(query, self._alias)

    def delete(self) -> NoReturn:
        """Refuse: as in Django, deleting every row has to be said in so many words.

        Raises:
            FieldError: always; `.all().delete()` does it.
        """
        raise FieldError("a manager does not delete; say .all().delete(), or filter() first")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._query.meta.object_name}>"


class Objects:
    """The descriptor behind `objects`: a new manager each time, for the class only."""

    def __init__(self, manager: type[Manager[Any]] = Manager) -> None:
        self._manager = manager

    @overload
    def __get__(self, record: None, owner: type[R]) -> Manager[R]: ...
    @overload
    def __get__(self, record: object, owner: type[R]) -> Self: ...
    def __get__(self, record: object | None, owner: type[R]) -> Any:
        """Return a manager of the class.

        Raises:
            AttributeError: asked of an object, as in Django.
        """
        if record is not None:
            raise AttributeError(f"objects belongs to {owner.__name__}, not to one of its objects")
        return self._manager(Query(owner))

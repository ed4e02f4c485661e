"""Relations to many: `org.tickets` is `Ticket.objects.filter(organization=org)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, overload

from attrs import evolve

from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.query.predicate import Condition, both
from zendesk_orm.query.query import Query
from zendesk_orm.queryset.objects import rooted
from zendesk_orm.queryset.prefetching import PREFETCHED
from zendesk_orm.schema import registry
from zendesk_orm.schema.annotation import Declared
from zendesk_orm.schema.options import DESCRIPTORS
from zendesk_orm.schema.record import Record


if TYPE_CHECKING:
    from typing_extensions import Self

R = TypeVar("R")


class Many(Generic[R]):
    """Rows of another model that point to this one: `comments: Many[Comment]`.

    Where several relations of the other model could be meant, say which:
    `requested_tickets: Many[Ticket] = by("requester")`.
    """

    def __init__(self, owner: type[Record], name: str, target: str, relation: str | None) -> None:
        self.name = name
        self.target = target
        self._owner = owner
        self._relation = relation

    @property
    def model(self) -> type[Record]:
        """The model of the rows."""
        return registry.find(self.target, self._owner._meta.app_label)

    @property
    def relation(self) -> str:
        """The relation of those rows that points here.

        Raises:
            FieldError: none does, or several do and none was named.
        """
        if self._relation is None:
            names = [
                name
                for name, relation in self.model._meta.relations.items()
                if issubclass(self._owner, relation.model)
            ]
            if len(names) != 1:
                raise FieldError(
                    f"{self._owner.__name__}.{self.name}: {self.target} points here by "
                    f"{', '.join(names) or 'nothing'}; name one: = by(...)"
                )
            self._relation = names[0]
        return self._relation

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> Manager[R]: ...
    def __get__(self, record: Record | None, owner: type) -> Any:
        """Return a manager of the rows that point to the record.

        Raises:
            InvalidValue: the record has no id yet.
        """
        if record is None:
            return self
        if record.pk is None:
            raise InvalidValue(f"{record!r} has no id yet; save it before asking for {self.name}")
        where = Condition(self.relation, "exact", record.pk)
        model: Any = self.model
        whole = Query.of(model)
        query = evolve(
            whole,
            where=both(whole.where, where),
            origin=(type(record).__name__, self.name),
            strict=getattr(record._source, "strict", False),
        )
        manager = rooted(type(model.objects), model, query)
        manager._alias = record.using
        known = record.__dict__.get(PREFETCHED, {}).get(self.name)
        return manager if known is None else manager._filled(known)

    if TYPE_CHECKING:

        def __set__(self, record: Record, value: NoReturn) -> None: ...

    def __repr__(self) -> str:
        return f"<Many {self.name} of {self.target}>"


class RefList(Generic[R]):
    """Rows that a list of ids points to: `ticket_fields: RefList[TicketField]`.

    `ticket_field_ids` tells the ids; reading the relation gives a query of the rows, which
    are fetched together when they are asked for. To change which they are, assign the ids.
    """

    def __init__(self, owner: type[Record], name: str, target: str) -> None:
        self.name = name
        self.target = target
        self.ids = f"{name.removesuffix('s')}_ids"
        self._owner = owner

    @property
    def model(self) -> type[Record]:
        """The model of the rows."""
        return registry.find(self.target, self._owner._meta.app_label)

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> Manager[R]: ...
    def __get__(self, record: Record | None, owner: type) -> Any:
        """Return a manager of the rows."""
        if record is None:
            return self
        model: Any = self.model
        ids = tuple(dict.fromkeys(getattr(record, self.ids) or ()))
        whole = Query.of(model)
        query = evolve(
            whole,
            where=both(whole.where, Condition("id", "in", ids)),
            origin=(type(record).__name__, self.name),
            strict=getattr(record._source, "strict", False),
        )
        manager = rooted(type(model.objects), model, query)
        manager._alias = record.using
        return manager

    if TYPE_CHECKING:

        def __set__(self, record: Record, value: NoReturn) -> None: ...

    def __repr__(self) -> str:
        return f"<RefList {self.name} of {self.target}>"


def by(relation: str) -> Any:
    """Name the relation that a `Many` goes by."""
    return relation


def _many(cls: type[Any], name: str, declared: Declared) -> Many[Any]:
    return Many(cls, name, declared.type, cls.__dict__.get(name))


def _ref_list(cls: type[Any], name: str, declared: Declared) -> RefList[Any]:
    return RefList(cls, name, declared.type)


DESCRIPTORS["Many"] = _many
DESCRIPTORS["RefList"] = _ref_list

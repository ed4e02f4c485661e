"""Relations to many: `org.tickets` is a manager of `Ticket.objects.filter(organization=org)`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, overload

from attrs import evolve

from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.http.annotations import Self
from zendesk_orm.messages import display
from zendesk_orm.query.predicate import Condition, Predicate, conjoin
from zendesk_orm.query.query import Query
from zendesk_orm.queryset.prefetching import fetch_by_ids, fetch_referring
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema import prefetched, registry
from zendesk_orm.schema.annotation import Declared
from zendesk_orm.schema.arguments import require_text
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.values import real_id
from zendesk_orm.session.session import Session


R = TypeVar("R")


class ToManyDescriptor(Generic[R]):
    """Base of `Many`, `RefList` and `Through`: the rows of another model related to an object.

    Attributes:
        name: the name of the attribute.
        target: the name of the other model.
    """

    def __init__(self, owner: type[Record], name: str, declared: Declared) -> None:
        self.name = name
        self.target = declared.type
        self._owner = owner
        self._declared = declared

    @property
    def model(self) -> type[Record]:
        """The model of the related rows."""
        return registry.find(self.target, self._declared.near(self._owner._meta.app_label))

    def gather(
        self, session: Session, records: Sequence[Record], base: Query
    ) -> Iterator[tuple[Any, Any]]:
        """Yield pairs of an object's id and a related row, in as few requests as possible.

        Args:
            session: the session that fetches the rows.
            records: the objects whose related rows are fetched.
            base: the query for the rows, without the condition of the relation.
        """
        raise NotImplementedError  # Each kind of relation implements it.

    def _get_manager(self, record: Record, where: Predicate, id_order: tuple[Any, ...] = ()) -> Any:
        """Return a manager of the rows related to an object, which match a predicate."""
        model: Any = self.model
        base = Query.of(model)
        where = conjoin(base.where, where)
        query = evolve(base, where=where, **prefetched.through(record, self))
        if id_order:
            query = evolve(query, order=(), id_order=id_order)
        manager_class = self._get_manager_class(type(model.objects))
        manager = manager_class._for_model(model, query, record.using)
        rows = prefetched.get_prefetched(record, self)
        return manager if rows is None else manager._set_result_cache(rows)

    def _get_manager_class(self, base: type[Any]) -> type[Any]:
        """Return the class of the manager, a subclass of the manager class of the model."""
        return base

    def _require_pk(self, record: Record) -> Any:
        """Return the id of an object.

        Raises:
            InvalidValue: the object was not saved yet.
        """
        if record.pk is None:
            raise InvalidValue(
                f"{display(record)} has no id yet; save it before reading {self.name}"
            )
        return record.pk

    if TYPE_CHECKING:

        def __set__(self, record: Record, value: NoReturn) -> None: ...

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} of {self.target}>"


class Many(ToManyDescriptor[R]):
    """Rows of another model that refer to an object: `comments: Many[Comment]`.

    If several relations of the other model refer to this one, or if the rows are found by a
    lookup or a list of ids, name it with `by()`:
    `requested_tickets: Many[Ticket] = by("requester")`.

    >>> ticket = Ticket.objects.get(1)
    >>> ticket.comments.count()
    2
    """

    def __init__(self, owner: type[Record], name: str, declared: Declared) -> None:
        super().__init__(owner, name, declared)
        self._relation: str | None = owner.__dict__.get(name)

    @property
    def relation(self) -> str:
        """The relation, lookup or list of ids of the rows that refers to the object.

        Raises:
            FieldError: no relation refers to this model, or several do and none is named.
        """
        if self._relation is None:
            names = [
                name
                for name, relation in self.model._meta.relations.items()
                if issubclass(self._owner, relation.model)
            ]
            if len(names) != 1:
                raise FieldError(
                    f"{self._owner.__name__}.{self.name}: the relation of {self.target} to "
                    f"{self._owner.__name__} must be named with by(); candidates: "
                    f"{', '.join(names) or 'none'}"
                )
            self._relation = names[0]
        return self._relation

    def gather(
        self, session: Session, records: Sequence[Record], base: Query
    ) -> Iterator[tuple[Any, Any]]:
        """Yield pairs of an object's id and a row that refers to the object."""
        return fetch_referring(session, [record.pk for record in records], base, self.relation)

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> Manager[R]: ...
    def __get__(self, record: Record | None, owner: type) -> Any:
        """Return a manager of the rows that refer to the object.

        Raises:
            InvalidValue: the object was not saved yet.
        """
        if record is None:
            return self
        return self._get_manager(
            record, Condition(self.relation, "exact", self._require_pk(record))
        )


class RefList(ToManyDescriptor[R]):
    """Rows whose ids are listed in a field: `ticket_fields: RefList[TicketField]`.

    The ids are in `ticket_field_ids`, or in the field named with `by()`:
    `followers: RefList[User] = by("follower_ids")`. Reading the relation returns a manager, whose
    rows are fetched together. To change the rows, assign the ids.

    >>> form = TicketForm.objects.first()
    >>> len(form.ticket_fields.all()) == len(form.ticket_field_ids)
    True
    """

    def __init__(self, owner: type[Record], name: str, declared: Declared) -> None:
        super().__init__(owner, name, declared)
        self.ids: str = owner.__dict__.get(name) or f"{name.removesuffix('s')}_ids"

    def gather(
        self, session: Session, records: Sequence[Record], base: Query
    ) -> Iterator[tuple[Any, Any]]:
        """Yield pairs of an object's id and a row that the object lists."""
        return fetch_by_ids(session, {record.pk: self._get_ids(record) for record in records}, base)

    def _get_ids(self, record: Record) -> tuple[Any, ...]:
        """Return the listed ids; lists of strings become numbers if the rows have numbers."""
        ids = map(self.model._meta.to_id, getattr(record, self.ids) or ())
        return tuple(dict.fromkeys(pk for pk in ids if real_id(pk) is not None))

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> Manager[R]: ...
    def __get__(self, record: Record | None, owner: type) -> Any:
        """Return a manager of the listed rows."""
        if record is None:
            return self
        ids = self._get_ids(record)
        return self._get_manager(record, Condition("id", "in", ids), id_order=ids)


def by(name: str) -> Any:
    """Name the lookup, the field or the model by which a relation to many finds its rows.

    >>> class Agent(User):
    ...     assigned: Many[Ticket] = by("assignee")
    >>> print(Agent(id=5).assigned.query)
    Ticket: assignee = 5

    Args:
        name: the relation back, for `Many`; the field of ids, for `RefList`; the joining model,
            for `Through`.

    Raises:
        InvalidValue: the name is not a text.
    """
    return require_text("by()", name)

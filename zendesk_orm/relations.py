"""Relations to many: `org.tickets` is `Ticket.objects.filter(organization=org)`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, overload

from attrs import evolve

from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.query.predicate import Condition, Predicate, both
from zendesk_orm.query.query import Query
from zendesk_orm.queryset.objects import rooted
from zendesk_orm.queryset.prefetching import named, pointing
from zendesk_orm.schema import prefetched, registry
from zendesk_orm.schema.annotation import Declared
from zendesk_orm.schema.declaring import DESCRIPTORS
from zendesk_orm.schema.fields import somebody
from zendesk_orm.schema.record import Record
from zendesk_orm.session.session import Session


if TYPE_CHECKING:
    from typing_extensions import Self

R = TypeVar("R")


class ToMany(Generic[R]):
    """Rows of another model that belong to one record: what `Many`, `RefList` and `Through` share.

    Attributes:
        name: the attribute.
        target: the name of the other model.
    """

    def __init__(self, owner: type[Record], name: str, declared: Declared) -> None:
        self.name = name
        self.target = declared.type
        self._owner = owner
        self._declared = declared

    @property
    def model(self) -> type[Record]:
        """The model of the rows."""
        return registry.find(self.target, self._declared.near(self._owner._meta.app_label))

    def gather(
        self, session: Session, records: Sequence[Record], base: Query
    ) -> Iterator[tuple[Any, Any]]:
        """Yield the id of each record with a row of its, in as few requests as possible.

        Args:
            session: what the rows are read in.
            records: the records whose rows are wanted.
            base: what is asked of the rows besides.
        """
        raise NotImplementedError  # Each kind of relation says how.

    def _manager(self, record: Record, where: Predicate, id_order: tuple[Any, ...] = ()) -> Any:
        """Return a manager of the record's rows, which a condition names."""
        model: Any = self.model
        whole = Query.of(model)
        where = both(whole.where, where)
        query = evolve(whole, where=where, **prefetched.through(record, self))
        if id_order:
            query = evolve(query, order=(), id_order=id_order)
        manager = rooted(self._kind(type(model.objects)), model, query)
        manager._alias = record.using
        known = prefetched.kept(record, self)
        return manager if known is None else manager._filled(known)

    def _kind(self, own: type[Any]) -> type[Any]:
        """Return the manager's class, of which `own` is that of the rows' model."""
        return own

    def _pk_of(self, record: Record) -> Any:
        """Return the id of the record.

        Raises:
            InvalidValue: it has none yet.
        """
        if record.pk is None:
            raise InvalidValue(f"{record!r} has no id yet; save it before asking for {self.name}")
        return record.pk

    if TYPE_CHECKING:

        def __set__(self, record: Record, value: NoReturn) -> None: ...

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} of {self.target}>"


class Many(ToMany[R]):
    """Rows of another model that point to this one: `comments: Many[Comment]`.

    Where several relations of the other model could be meant, or where a lookup or a list of ids
    is, say which:
    `requested_tickets: Many[Ticket] = by("requester")`.
    """

    def __init__(self, owner: type[Record], name: str, declared: Declared) -> None:
        super().__init__(owner, name, declared)
        self._relation: str | None = owner.__dict__.get(name)

    @property
    def relation(self) -> str:
        """The relation of those rows that points here; or the lookup, or ids, that find them.

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

    def gather(
        self, session: Session, records: Sequence[Record], base: Query
    ) -> Iterator[tuple[Any, Any]]:
        """Yield the id of each record with a row that points to it."""
        return pointing(session, [record.pk for record in records], base, self.relation)

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
        return self._manager(record, Condition(self.relation, "exact", self._pk_of(record)))


class RefList(ToMany[R]):
    """Rows that a list of ids points to: `ticket_fields: RefList[TicketField]`.

    `ticket_field_ids` tells the ids, or the field that is named: `= by("members")`; reading the
    relation gives a query of the rows, which are fetched together when they are asked for. To
    change which they are, assign the ids.
    """

    def __init__(self, owner: type[Record], name: str, declared: Declared) -> None:
        super().__init__(owner, name, declared)
        self.ids: str = owner.__dict__.get(name) or f"{name.removesuffix('s')}_ids"

    def gather(
        self, session: Session, records: Sequence[Record], base: Query
    ) -> Iterator[tuple[Any, Any]]:
        """Yield the id of each record with a row that it names."""
        return named(session, {record.pk: self._ids(record) for record in records}, base)

    def _ids(self, record: Record) -> tuple[Any, ...]:
        """Return the ids, as those rows have them: most are numbers, and some lists hold texts."""
        ids = map(self.model._meta.numbered, getattr(record, self.ids) or ())
        return tuple(dict.fromkeys(pk for pk in ids if somebody(pk) is not None))

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> Manager[R]: ...
    def __get__(self, record: Record | None, owner: type) -> Any:
        """Return a manager of the rows."""
        if record is None:
            return self
        ids = self._ids(record)
        return self._manager(record, Condition("id", "in", ids), id_order=ids)


def by(relation: str) -> Any:
    """Name what a relation goes by: of a `Many` the relation back, of the others the id, or ids."""
    return relation


DESCRIPTORS["Many"] = Many
DESCRIPTORS["RefList"] = RefList

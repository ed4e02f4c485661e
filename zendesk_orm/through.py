"""Rows that a third model joins to these: the users of a group, by their memberships."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

from zendesk_orm import signals
from zendesk_orm.manager import Manager
from zendesk_orm.query.predicate import Condition
from zendesk_orm.query.query import Query
from zendesk_orm.queryset.prefetching import named, pointing
from zendesk_orm.relations import ToMany
from zendesk_orm.schema import prefetched, registry
from zendesk_orm.schema.annotation import Declared
from zendesk_orm.schema.declaring import DESCRIPTORS
from zendesk_orm.schema.record import Record
from zendesk_orm.session.session import Session
from zendesk_orm.signals import announce
from zendesk_orm.write import bulk


if TYPE_CHECKING:
    from typing_extensions import Self

R = TypeVar("R")


class ThroughManager(Manager[R]):
    """The rows that are joined to one: they can be added and removed, as in Django."""

    if TYPE_CHECKING:
        _one: Any
        _many: Any

    def add(self, *objects: Any) -> None:
        """Join objects to this one; those that are joined already are no mistake.

        Args:
            objects: objects, or their ids.

        Raises:
            InvalidValue: one of them was never saved, or is of another model.
            BulkError: some could not be joined.
            ApiError, TransportError.
        """
        there = {getattr(each, self._many.far) for each in self._joins()}
        new = [pk for pk in self._ids(objects) if pk not in there]
        if new:
            self._announce("pre_add", new)
            made = [
                self._many.join(**{self._many.near: self._one, self._many.far: pk}) for pk in new
            ]
            if len(made) == 1:
                made[0].save(using=self._one.using)
            else:
                self._joined.bulk_create(made)
            self._announce("post_add", new)

    def remove(self, *objects: Any) -> None:
        """Part objects from this one; those that are not joined are no mistake.

        Raises:
            InvalidValue: one of them was never saved, or is of another model.
            BulkError: some could not be parted.
            ApiError, TransportError.
        """
        self._part(self._ids(objects))

    def set(self, objects: Iterable[Any]) -> None:
        """Let these be joined to this one, and no others.

        Raises:
            InvalidValue, BulkError, ApiError, TransportError.
        """
        wanted = self._ids(objects)
        there = {getattr(each, self._many.far) for each in self._joins()}
        self._part(there - {*wanted})
        self.add(*wanted)

    def clear(self) -> None:
        """Part all from this one."""
        self._part({getattr(each, self._many.far) for each in self._joins()})

    def _part(self, ids: Collection[Any]) -> None:
        gone = [each for each in self._joins() if getattr(each, self._many.far) in ids]
        if not gone:
            return
        parted = [getattr(each, self._many.far) for each in gone]
        self._announce("pre_remove", parted)
        if len(gone) == 1:
            gone[0].delete()
        else:
            bulk.delete(self._session, self._many.join, gone)
        self._announce("post_remove", parted)

    @property
    def _joined(self) -> Any:
        model: Any = self._many.join
        return model.objects.using(self._one.using) if self._one.using else model.objects

    def _joins(self) -> list[Any]:
        """Return what joins others to this one, as it is now."""
        return list(self._joined.filter(**{self._many.near: self._one.pk}).fresh())

    def _ids(self, objects: Iterable[Any]) -> list[Any]:
        model: Any = self.model
        return list(dict.fromkeys(self._session.ids_of(model, objects, self._many.name)))

    def _announce(self, action: str, ids: list[Any]) -> None:
        prefetched.forget(self._one, self._many)
        announce(
            signals.m2m_changed,
            type(self._one),
            instance=self._one,
            action=action,
            field=self._many.name,
            model=self._many.target,
            pk_set=ids,
            reverse=False,
            using=self._one.using,
        )


class Through(ToMany[R]):
    """Rows that a third model joins to this one.

    `users: Through[User] = joined("GroupMembership")`, in `Group`. The lookup by which they are
    found is named like this model: `User.objects.filter(group=group)`.
    """

    def __init__(self, owner: type[Record], name: str, declared: Declared) -> None:
        super().__init__(owner, name, declared)
        self._join: str = owner.__dict__[name]

    @property
    def join(self) -> Any:
        """The model that joins them."""
        return registry.find(self._join, self._owner._meta.app_label)

    @property
    def near(self) -> str:
        """The relation of the joining model that points here."""
        return self._relation(self._owner)

    @property
    def far(self) -> str:
        """The id, in the joining model, of the row at the other end."""
        return f"{self._relation(self.model)}_id"

    def _kind(self, own: type[Any]) -> type[Any]:
        """Return a manager's class that can add and remove, too."""
        if own is Manager:
            return ThroughManager
        return type(f"Through{own.__name__}", (ThroughManager, own), {})

    def _relation(self, model: type[Record]) -> str:
        relations = self.join._meta.relations
        return next(str(name) for name, each in relations.items() if issubclass(model, each.model))

    def gather(
        self, session: Session, records: Sequence[Record], base: Query
    ) -> Iterator[tuple[Any, Any]]:
        """Yield the id of each record with a row that is joined to it: what joins is read first."""
        far: dict[Any, list[Any]] = {record.pk: [] for record in records}
        for pk, join in pointing(session, far, Query.of(self.join), self.near):
            far[pk].append(getattr(join, self.far))
        return named(session, far, base, in_id_order=False)

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> ThroughManager[R]: ...
    def __get__(self, record: Record | None, owner: type) -> Any:
        """Return a manager of the rows that are joined to the record.

        Raises:
            InvalidValue: the record has no id yet.
        """
        if record is None:
            return self
        manager = self._manager(record, Condition(self.near, "exact", self._pk_of(record)))
        manager._one, manager._many = record, self
        return manager


def joined(model: str) -> Any:
    """Name the model that joins the rows of a `Through` to this one."""
    return model


DESCRIPTORS["Through"] = Through

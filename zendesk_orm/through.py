"""Many-to-many relations through a joining model: the users of a group, by memberships."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

from zendesk_orm import signals
from zendesk_orm.api.actions import alters_data
from zendesk_orm.errors import FieldError
from zendesk_orm.http.annotations import Self
from zendesk_orm.query.predicate import Condition
from zendesk_orm.query.query import Query
from zendesk_orm.queryset.prefetching import fetch_by_ids, fetch_referring
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.relations import ToManyDescriptor
from zendesk_orm.schema import prefetched, registry
from zendesk_orm.schema.annotation import Declared
from zendesk_orm.schema.record import Record
from zendesk_orm.session.session import Session
from zendesk_orm.signals import announce
from zendesk_orm.write.bulk import strategies


R = TypeVar("R")


class ThroughManager(Manager[R]):
    """Manager of a many-to-many relation; adds and removes objects, as in Django.

    >>> group, agent = Group.objects.first(), User.objects.filter(role="agent").first()
    >>> group.users.add(agent)
    >>> agent in group.users.all()
    True
    """

    if TYPE_CHECKING:
        # The object that the rows are connected with, and the relation.
        _instance: Any
        _relation: Any

    def _chain(self, query: Query) -> Self:
        """Return a copy with another query, for the same object."""
        clone = super()._chain(query)
        clone._instance, clone._relation = self._instance, self._relation
        return clone

    @alters_data
    def add(self, *objects: Any) -> None:
        """Add objects to the relation; objects that it already contains are ignored.

        Args:
            objects: objects, or their ids.

        Raises:
            FieldError: the query was filtered or sliced, as in the other methods.
            InvalidValue: an object was never saved, or is of another model.
            BulkError: some objects could not be added.
            ApiError, TransportError.
        """
        ids = self._get_ids(objects)
        existing = {getattr(join, self._relation.far) for join in self._fetch_joins()}
        ids = [pk for pk in ids if pk not in existing]
        if not ids:
            return
        self._announce("pre_add", ids)
        near, far = self._relation.near, self._relation.far
        joins = [self._relation.join(**{near: self._instance, far: pk}) for pk in ids]
        if len(joins) == 1:
            joins[0].save(using=self._instance.using)
        else:
            self._join_manager.bulk_create(joins)
        self._announce("post_add", ids)

    @alters_data
    def remove(self, *objects: Any) -> None:
        """Remove objects from the relation; objects that it does not contain are ignored.

        Raises:
            InvalidValue: an object was never saved, or is of another model.
            BulkError: some objects could not be removed.
            ApiError, TransportError.
        """
        self._remove_ids(self._get_ids(objects))

    def set(self, objects: Iterable[Any]) -> None:
        """Replace the objects of the relation; only differences are sent.

        Raises:
            InvalidValue, BulkError, ApiError, TransportError.
        """
        ids = self._get_ids(objects)
        existing = {getattr(join, self._relation.far) for join in self._fetch_joins()}
        self._remove_ids(existing - {*ids})
        self.add(*ids)

    @alters_data
    def clear(self) -> None:
        """Remove all objects from the relation."""
        self._remove_ids({getattr(join, self._relation.far) for join in self._fetch_joins()})

    def _remove_ids(self, ids: Collection[Any]) -> None:
        joins = [join for join in self._fetch_joins() if getattr(join, self._relation.far) in ids]
        if not joins:
            return
        removed = [getattr(join, self._relation.far) for join in joins]
        self._announce("pre_remove", removed)
        if len(joins) == 1 or any(join.pk is None for join in joins):
            for join in joins:
                join.delete(using=self._instance.using)
        else:
            strategies.delete(self._session, self._relation.join, joins)
        self._announce("post_remove", removed)

    @property
    def _join_manager(self) -> Any:
        objects = self._relation.join.objects
        return objects.using(self._instance.using) if self._instance.using else objects

    def _fetch_joins(self) -> list[Any]:
        """Return the joining rows of the object, including changes of an open batch."""
        related = self._relation.__get__(self._instance, type(self._instance))._query
        if self._query.nothing or self._query.windowed or self._query.where != related.where:
            raise FieldError(
                f"{self._relation.name}: add(), remove(), set() and clear() change the relation, "
                "not a part of its rows; call them before filter() or a slice"
            )
        model, near = self._relation.join, self._relation.near
        rows = self._join_manager.filter(**{near: self._instance.pk}).fresh()
        joins = self._session.sender.apply_pending(model, list(rows))
        return [join for join in joins if getattr(join, f"{near}_id") == self._instance.pk]

    def _get_ids(self, objects: Iterable[Any]) -> list[Any]:
        model: Any = self.model
        return list(dict.fromkeys(self._session.ids_of(model, objects, self._relation.name)))

    def _announce(self, action: str, ids: list[Any]) -> None:
        """Send `m2m_changed`, and discard the prefetched rows of the relation."""
        prefetched.forget(self._instance, self._relation)
        announce(
            signals.m2m_changed,
            type(self._instance),
            instance=self._instance,
            action=action,
            field=self._relation.name,
            model=self._relation.target,
            pk_set=ids,
            reverse=False,
            using=self._instance.using,
        )


class Through(ToManyDescriptor[R]):
    """Rows that are connected with an object by a third model, such as a membership.

    `Group` declares `users: Through[User] = by("GroupMembership")`. The rows are selected by a
    lookup with the name of the model: `User.objects.filter(group=group)`.

    >>> Group.objects.first().users.count()
    1
    """

    def __init__(self, owner: type[Record], name: str, declared: Declared) -> None:
        super().__init__(owner, name, declared)
        self._join_name: str = owner.__dict__[name]
        registry.joining_models.add(self._join_name)

    @property
    def join(self) -> Any:
        """The joining model."""
        return registry.find(self._join_name, self._owner._meta.app_label)

    @property
    def near(self) -> str:
        """The relation of the joining model to the object."""
        return self._find_relation(self._owner)

    @property
    def far(self) -> str:
        """The field of the joining model with the id of the related row."""
        return f"{self._find_relation(self.model)}_id"

    def _get_manager_class(self, base: type[Any]) -> type[Any]:
        """Return a class that combines `ThroughManager` with the manager class of the model."""
        if base is Manager:
            return ThroughManager
        return type(f"Through{base.__name__}", (ThroughManager, base), {})

    def _find_relation(self, model: type[Record]) -> str:
        relations = self.join._meta.relations
        return next(str(name) for name in relations if issubclass(model, relations[name].model))

    def gather(
        self, session: Session, records: Sequence[Record], base: Query
    ) -> Iterator[tuple[Any, Any]]:
        """Yield pairs of an object's id and a row connected with the object."""
        ids: dict[Any, list[Any]] = {record.pk: [] for record in records}
        for pk, join in fetch_referring(session, ids, Query.of(self.join), self.near):
            ids[pk].append(getattr(join, self.far))
        return fetch_by_ids(session, ids, base, in_id_order=False)

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> ThroughManager[R]: ...
    def __get__(self, record: Record | None, owner: type) -> Any:
        """Return a manager of the rows connected with the object.

        Raises:
            InvalidValue: the object was not saved yet.
        """
        if record is None:
            return self
        manager = self._get_manager(record, Condition(self.near, "exact", self._require_pk(record)))
        manager._instance, manager._relation = record, self
        return manager

"""The log of own changes, and the live objects of one session.

Zendesk changes other rows together with the row that is written: its parent, which may contain
it or depend on it; its parts; both ends of a membership; and the rows that refer to a deleted
one. Caches compare the number of the log at which they got a row with the changes since.
"""

from __future__ import annotations

import sys
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar
from weakref import ref

from zendesk_orm import fork
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import Ref
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import PartialRow, Row
from zendesk_orm.schema.source import Source
from zendesk_orm.session.shared import SharedRows, Target, Version


R = TypeVar("R", bound=Record)

#: Dead entries are removed if there are twice as many entries as after the last removal.
_FIRST_SWEEP = 1024

#: Changes that are remembered; rows that are older than a dropped change count as outdated.
_MAX_CHANGES = 10_000

#: Models that show the rows of another model under another name, by product and singular.
_SAME_ROWS = {("support", "request"): "ticket"}
#: The id that stands for all rows of a model.
_ANY = ""


class ChangeLog:
    """The changes of rows by own writes, shared by an account, its brands and its end users.

    Attributes:
        latest: the number of the latest change; numbers only grow.
        shared: publishes the changes to other processes; None if no state is shared.
    """

    def __init__(self) -> None:
        self.latest = 0
        self.shared: SharedRows | None = None
        self._complete_since = 0
        self._changed: OrderedDict[Target, int] = OrderedDict()
        self._deleted: OrderedDict[Target, int] = OrderedDict()
        self._writes: Counter[str] = Counter()
        self._lock = fork.Lock()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.latest} changes>"

    def note(self, model: type[Any], row: Row, *, deleted: bool = False) -> None:
        """Remember that a row was written: it, its parent and its parts are outdated elsewhere.

        Args:
            model: its model.
            row: its row, or the part of it with the id and the ids of its parents; {} for all
                rows of the model.
            deleted: whether it was deleted; rows that refer to it are then outdated, too.
        """
        target = _target(model, row.get("id"))
        targets = (target, *_owners(model, row))
        with self._lock:
            self.latest += 1
            self._writes[model._meta.concrete._meta.label] += 1
            for changed in targets:
                self._add(self._changed, changed)
            if deleted:
                self._add(self._deleted, target)
        if self.shared is not None:
            self.shared.publish(changed=targets, deleted=(target,) if deleted else ())

    def version(self) -> Version:
        """Return the state of the changes, before a request whose rows are to be cached."""
        return self.latest, None if self.shared is None else self.shared.number()

    def count_writes(self, label: str) -> int:
        """Return the number of writes of a model, by its label."""
        return self._writes[label]

    def is_outdated(self, model: type[Any], row: Row, since: int) -> bool:
        """Return whether a row may have changed after the log had a number.

        Args:
            model: its model.
            row: the row.
            since: `latest` when the row was read or written.
        """
        if since >= self.latest:
            return False
        if since < self._complete_since:
            return True
        if any(self._changed.get(place, 0) > since for place in sources_of(model, row)):
            return True
        if not self._deleted:
            return False
        if type(row) is PartialRow and max(list(self._deleted.values())) > since:
            # The rows that it refers to are unknown.
            return True
        return any(self._deleted.get(place, 0) > since for place in references_of(model, row))

    def _add(self, changes: OrderedDict[Target, int], target: Target) -> None:
        """Store the number of the latest change as the one that changed a row."""
        changes[target] = self.latest
        changes.move_to_end(target)
        if len(changes) > _MAX_CHANGES:
            _, number = changes.popitem(last=False)
            self._complete_since = max(self._complete_since, number)


def sources_of(model: type[Any], row: Row) -> list[Target]:
    """Return the rows that change a row if they are written: itself, and its owners."""
    places = [_target(model, row.get("id")), _target(model, _ANY)]
    for relation in _owning_relations(model):
        pk = row.get(relation.id.wire)
        places += [_target(relation.model, pk), _target(relation.model, _ANY)]
    return places


def references_of(model: type[Any], row: Row) -> Iterator[Target]:
    """Yield the rows that change a row if they are deleted: those that it refers to."""
    for relation in model._meta.relations.values():
        pk = row.get(relation.id.wire)
        if pk is not None:
            yield _target(relation.model, pk)
    # A path key without a relation: `custom_object_key` is the key of a `custom_object`.
    for wire in model._meta.parent_keys:
        yield model._meta.app_label, wire.rpartition("_")[0], str(row.get(wire))


def all_rows(model: type[Any]) -> Target:
    """Return the target that stands for all rows of a model."""
    return _target(model, _ANY)


def _target(model: type[Any], pk: Any) -> Target:
    # Some responses contain texts where others contain numbers.
    meta: Options = model._meta.concrete._meta
    singular = _SAME_ROWS.get((meta.app_label, meta.singular), meta.singular)
    return meta.app_label, singular, _ANY if pk is None else str(pk)


def _owning_relations(model: type[Any]) -> Iterator[Ref[Any]]:
    """Yield the relations to the rows that Zendesk changes with a row: parents, joined rows."""
    meta = model._meta
    is_joining = model.__name__ in registry.joining_models
    if is_joining or meta.parent_keys:
        for relation in meta.relations.values():
            if is_joining or relation.id.wire in meta.parent_keys:
                yield relation


def _owners(model: type[Any], row: Row) -> Iterator[Target]:
    """Yield the rows that Zendesk changes with a row; all of a model if the id is unknown."""
    for relation in _owning_relations(model):
        pk = row.get(relation.id.wire)
        if pk is not None:
            yield _target(relation.model, pk)
        elif relation.id.wire not in row:
            yield _target(relation.model, _ANY)


class IdentityMap:
    """Live records of one session by model and key, held weakly: one object for each row.

    A dictionary of weak references whose dead entries are removed at page boundaries: filling a
    `WeakValueDictionary` takes four times as long.
    """

    def __init__(self) -> None:
        self._records: dict[type[Any], dict[Any, ref[Any]]] = {}
        self._sweep_at: dict[type[Any], int] = {}
        self._lock = fork.Lock()

    def materialize(self, model: type[R], rows: Iterable[Row], source: Source) -> list[R]:
        """Return a record for each row: the live one, updated from the row, or a new one."""
        meta = model._meta
        if not meta.unique_ids:
            return [model.from_row(row, source) for row in rows]
        records: list[R] = []
        with self._lock:
            entries, has_parent = self._entries(model), bool(meta.parent_keys)
            # The loop runs once for each row of all results, and creates records without calls.
            for row in rows:
                key = meta.key(row) if has_parent else row.get("id")
                entry = entries.get(key)
                record = None if entry is None else entry()
                if record is None:
                    record = _new(model)
                    _set_row(record, row)
                    _set_source(record, source)
                    if row.get("id") is not None:
                        entries[key] = ref(record)
                else:
                    record.update_from_row(row)
                records.append(record)
            self._sweep(model, entries)
        return records

    def get(self, model: type[R], key: Any) -> R | None:
        """Return the live record of a key, or None."""
        entry = self._entries(model).get(key)
        record: R | None = None if entry is None else entry()
        return record

    def find_live(self, model: type[Any], keys: Iterable[Any]) -> list[Any]:
        """Return those of some keys that have a live record."""
        entries = self._entries(model)
        candidates = entries.keys() & keys if entries else ()
        return [key for key in candidates if self.get(model, key) is not None]

    def add(self, record: Record, written: Iterable[str] = ()) -> None:
        """Register a record for its key; if another record is registered, that one gets the row.

        Args:
            record: the record.
            written: names of the fields that this account has just written.
        """
        if not record._meta.unique_ids:
            return
        with self._lock:
            live = self.get(type(record), record._key)
            if live is None:
                self._entries(type(record))[record._key] = ref(record)
            elif live is not record:
                live.update_from_row(record._row, written=written)

    def forget(self, model: type[Any], key: Any) -> None:
        """Remove the record of a key that no longer exists."""
        with self._lock:
            self._entries(model).pop(key, None)

    def _entries(self, model: type[Any]) -> dict[Any, ref[Any]]:
        return self._records.setdefault(model, {})

    def _sweep(self, model: type[Any], entries: dict[Any, ref[Any]]) -> None:
        """Remove dead entries, if there may be many."""
        if len(entries) > self._sweep_at.get(model, _FIRST_SWEEP):
            for key in [key for key, entry in entries.items() if entry() is None]:
                del entries[key]
            self._sweep_at[model] = max(_FIRST_SWEEP, 2 * len(entries))


_new: Any = object.__new__
_set_row = Record.__dict__["_row"].__set__
_set_source = Record.__dict__["_source"].__set__


def current_thread_or_task() -> object:
    """Return an identifier of the current thread or asyncio task."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is not None:
        try:
            task = asyncio.current_task()
        except RuntimeError:
            task = None
        if task is not None:
            return task
    return threading.get_ident()

"""Changes that are collected instead of being sent, and their order."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Hashable, Iterable, Iterator
from contextlib import ExitStack
from typing import Any, TypeVar

from attrs import evolve

from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.annotations import Self
from zendesk_orm.messages import display
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.record import Record
from zendesk_orm.session.connection import Connection
from zendesk_orm.session.sender import DIRECT, Sender, Submission
from zendesk_orm.write.apply_results import apply_existing_id
from zendesk_orm.write.change import Change
from zendesk_orm.write.member_changes import Undo, defer_calls, known_tags
from zendesk_orm.write.merged_changes import (
    merge_changes,
    rebase,
    undone_fields,
    with_undone_parts,
)


T = TypeVar("T")


class UnitOfWork(Sender):
    """Changes in the order of their requests; several changes of one object become one.

    `with` collects those of this thread or task, and completes them at its end.
    """

    deferred = True

    def __init__(self, account: Connection) -> None:
        self.process = os.getpid()
        self._account = account
        self._outer: Any = DIRECT
        self._block = ExitStack()
        self._changes: dict[int, Change] = {}
        self._positions: dict[Hashable, list[int]] = {}
        self._next = 0
        self._records: dict[int, Record] = {}
        self._undo: Undo = []
        self._callbacks: list[Callable[[], Any]] = []

    def __enter__(self) -> Self:
        """Collect the changes of this thread or task."""
        self._outer = self._account.sender
        self._block.enter_context(self._account.replace_sender(self))
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """Complete the changes; after an exception, drop them."""
        self._block.close()
        if error is None and not self.is_inherited:
            self._complete()
        else:
            self.undo_calls()

    def _complete(self) -> None:
        """Send, pass on or print the changes after the block."""
        raise NotImplementedError

    def __repr__(self) -> str:
        number = len(self._changes)
        return f"<{type(self).__name__}: {number} change{'' if number == 1 else 's'}>"

    def __len__(self) -> int:
        return len(self._changes)

    def __iter__(self) -> Iterator[Change]:
        return iter(self._changes.values())

    @property
    def is_inherited(self) -> bool:
        """Whether the process was forked from the one that opened the batch or dry run."""
        return os.getpid() != self.process

    def submit(self, submission: Submission[T]) -> T:
        """Add a change instead of sending it."""
        return submission.defer(self)

    def resolve(self, record: Any, session: Any) -> None:
        """Resolve the names of custom fields; related objects may be saved later."""
        record.resolve_custom_fields(session, partly=True)

    def resolve_relations(self, record: Any) -> None:
        """Leave related objects as they are, because they may be saved later."""

    def add(self, change: Change, session: Any) -> None:
        """Add a change, or merge it into an earlier change of the same object.

        Args:
            change: the change.
            session: the session to send with: that of the account, of a brand, or of an alias.

        Raises:
            InvalidValue: the object was deleted before, or was never saved.
        """
        self.insert(defer_calls(change.copy_for(session), self._undo))

    def complete_change(self, change: Change, session: Any) -> Change:
        """Return the change of a save with the edits that undo earlier saves.

        An object that has the values of its row again has no edits, but the values of its earlier
        saves would be sent.
        """
        if change.creates:
            return change
        values, saved = change.record.__dict__, self.saved_values(change, session)
        fields, undone = change.record._meta.fields, {}
        for name, old in saved.items():
            if name not in values or values[name] == old:
                continue
            if fields[name].kind.part is not None:
                change = with_undone_parts(change, fields[name], old)
            elif name not in change.edits and (change.names is None or name in change.names):
                undone[name] = old, values[name]
        return change.with_edits(undone) if undone else change

    def saved_values(self, change: Change, session: Any) -> dict[str, Any]:
        """Return the values of earlier saves of an object, and its tags after earlier calls.

        Those of the batch around this one are included.
        """
        record, fields = change.record, change.record._meta.fields
        outer = self._outer.saved_values(change, session) if self._outer.deferred else {}
        if id(record) not in self._records:
            return outer
        positions = self._positions.get(_key(evolve(change, session=session)), ())
        earlier = (self._changes[position] for position in positions)
        values = outer | {
            name: new
            for saved in earlier
            if saved.record is record
            for name, (_, new) in saved.edits.items()
            if name in fields and fields[name].readable and name not in saved.bulk_values
        }
        tags = known_tags(record)
        return values if tags is None else {**values, "tags": tags}

    def apply_pending(self, model: Any, records: list[Any]) -> list[Any]:
        """Return rows of a model with those that were created, without those that were deleted.

        Those of the batch around this one are included.
        """
        records = self._outer.apply_pending(model, records)
        for change in self:
            if change.record._meta.concrete is not model._meta.concrete:
                continue
            if change.action == "delete":
                records = [record for record in records if record != change.record]
            elif change.creates:
                records = [*records, change.record]
        return records

    def creates(self, record: Any) -> bool:
        """Return True if this batch, or one around it, creates an object that has no id yet."""
        return record.pk is None and record in self.apply_pending(type(record), [])

    def tag_effects(self, change: Change, end: int | None = None) -> list[Any]:
        """Return the effects on the tags of a row of the changes before a position."""
        outer: list[Any] = self._outer.tag_effects(change) if self._outer.deferred else []
        positions = self._positions.get(_key(change), ())
        earlier = [self._changes[p] for p in positions if end is None or p < end]
        return outer + [saved.tags for saved in earlier if saved.tags is not None]

    def insert(self, change: Change) -> None:
        """Add a change whose effects its object shows already."""
        self._records[id(change.record)] = change.record
        positions = self._positions.setdefault(_key(change), [])
        last = self._changes[positions[-1]] if positions else None
        if change.action == "delete":
            self._add_deletion(change, positions)
        elif last is None:
            self._append(change, positions)
        elif last.action == "delete":
            self._restore(last, change, positions)
        else:
            # Another object of the row has its own base and version, so it has its own request.
            merged = merge_changes(last, change) if change.record is last.record else None
            if merged is None:
                changes = (self._changes[position] for position in positions)
                earlier = [saved for saved in changes if saved.record is change.record]
                self._append(rebase(change, earlier) if earlier else change, positions)
            else:
                self._replace_last(merged, positions)

    def undo_calls(self, finished: Container[int] = ()) -> None:
        """Undo the effects on objects of calls that were not sent.

        Args:
            finished: the identities of objects whose calls were sent.
        """
        for record, undo in reversed(self._undo):
            if id(record) not in finished:
                undo()
        self._undo.clear()

    def on_commit(self, function: Callable[[], Any]) -> None:
        """Call a function after all changes have been sent without failures."""
        self._callbacks.append(function)

    def add_call(self, model: type[Record], name: str, body: Any) -> None:
        """Add a call of an action.

        Raises:
            InvalidValue: the call cannot be delayed.
        """
        raise InvalidValue(
            f"{name} must be called before or after the batch, because it cannot be delayed"
        )

    def add_request(self, text: str) -> None:
        """Add another request.

        Raises:
            InvalidValue: the request cannot be delayed.
        """
        raise InvalidValue(
            f"{text} must be sent before or after the batch, because it cannot be delayed"
        )

    def upload(self, submission: Any, name: str) -> Any:
        """Send a file at once: changes in the batch need its token."""
        return submission.send()

    def _append(self, change: Change, positions: list[int]) -> None:
        """Add a change at the end, unless it is empty."""
        if _is_empty(change):
            return
        self._changes[self._next] = change
        positions.append(self._next)
        self._next += 1

    def _replace_last(self, change: Change, positions: list[int]) -> None:
        """Replace the last change of a row, or remove it if all of its edits were undone."""
        if len(positions) == 1 and change.action == "update":
            change = change.without(undone_fields(change))
        if _is_empty(change):
            del self._changes[positions.pop()]
        else:
            self._changes[positions[-1]] = change

    def _add_deletion(self, change: Change, positions: list[int]) -> None:
        """Add a deletion, or remove the changes of an object that was created in the batch."""
        record = change.record
        created = any(self._changes[position].creates for position in positions)
        if created:
            for position in positions:
                del self._changes[position]
            positions.clear()
        is_pending = self.creates(record)
        if created and not is_pending:
            return
        if record.pk is None and not is_pending:
            raise InvalidValue(f"{display(record)} was never saved, so it cannot be deleted")
        # Updates are sent before the deletion, because a comment in them is read.
        self._append(change, positions)

    def _restore(self, deletion: Change, change: Change, positions: list[int]) -> None:
        """Remove the deletion of a membership that is created again.

        A new one with further values is created after the deletion.

        Raises:
            InvalidValue: the object is not a membership.
        """
        record, members = change.record, member_ids(change.record)
        if not change.creates or not members:
            raise InvalidValue(f"{display(record)} was deleted before, and cannot be saved")
        if not members.keys() >= change.body.keys():
            self._append(change, positions)
            return
        del self._changes[positions.pop()]
        apply_existing_id(change.session, record, deletion.record.pk)


def _is_empty(change: Change) -> bool:
    """Return True if neither edits nor calls are to be sent."""
    return change.is_empty and change.tags is None and not change.members


def _key(change: Change) -> Hashable:
    """Return the identity of the row of a change, as the user who sends it.

    Changes of one row that are sent as different users are not merged.
    """
    session = change.session
    return row_key(change.record), None if session is None else session.on_behalf_of


def row_key(record: Record) -> Hashable:
    """Return the identity of the row of an object, or of the object before it has one.

    A membership is identified by the two rows that it connects.
    """
    if record._meta.object_name in registry.joining_models:
        members = member_ids(record)
        if None not in members.values():
            return record._meta.concrete, *members.values()
    return id(record) if record.pk is None else (record._meta.concrete, record._key)


def member_ids(record: Record) -> dict[str, Any]:
    """Return the ids of the rows that a membership connects, by wire name; {} for others."""
    meta = record._meta
    if meta.object_name not in registry.joining_models:
        return {}
    ids = (relation.id for relation in meta.relations.values())
    return {
        field.wire: record.__dict__.get(field.name, record._row.get(field.wire)) for field in ids
    }


def find_replacements(changes: Iterable[Change]) -> set[int]:
    """Return the identities of objects with a new unique value of a row that is deleted before.

    Zendesk accepts them only after the deletion.
    """
    deleted: set[Hashable] = set()
    replacements = set()
    for change in changes:
        keys = set(_unique_keys(change))
        if change.action == "delete":
            deleted |= keys
        elif not deleted.isdisjoint(keys):
            replacements.add(id(change.record))
    return replacements


def _unique_keys(change: Change) -> Iterator[Hashable]:
    """Yield the values that a row has or gets by a change, and that no other row may have."""
    record, meta = change.record, change.record._meta
    for name in meta.unique:
        field = column(meta.get_field(name))
        if change.action == "delete":
            value = record._row.get(field.wire)
        else:
            value = change.body.get(field.wire)
        if value is not None:
            yield meta.concrete, name, str(value).casefold()
    if member_ids(record):
        yield row_key(record)

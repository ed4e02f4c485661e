"""Where an iteration over an export begins, and the pages of which all rows were processed."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from attrs import evolve, frozen

from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.query.checkpoint import Checkpoint
from zendesk_orm.query.keywords import EXPORT_LOOKUP
from zendesk_orm.query.predicate import Condition, Predicate, map_conditions
from zendesk_orm.query.query import Query
from zendesk_orm.schema.arguments import require_text
from zendesk_orm.schema.options import Options


@runtime_checkable
class CheckpointStore(Protocol):
    """Keeps checkpoints by name: of each export, the place up to which its rows were processed.

    `save()` returns after the checkpoint is stored durably; it replaces an earlier one as a whole,
    or not at all. A class of the application with these methods is a store, too::

        class DjangoStore:
            def load(self, name):
                row = Place.objects.filter(name=name).first()
                return None if row is None else Checkpoint.from_text(row.text)

            def save(self, name, checkpoint):
                Place.objects.update_or_create(
                    name=name, defaults={"text": checkpoint.to_text()}
                )

            def delete(self, name):
                Place.objects.filter(name=name).delete()
    """

    def load(self, name: str) -> Checkpoint | None:
        """Return the checkpoint of a name, or None if it has none."""
        ...

    def save(self, name: str, checkpoint: Checkpoint) -> None:
        """Store the checkpoint of a name durably."""
        ...

    def delete(self, name: str) -> None:
        """Delete the checkpoint of a name, if there is one."""
        ...


@frozen
class StoredPlace:
    """The name of a checkpoint in a store.

    Attributes:
        store: the store.
        name: the name.
    """

    store: CheckpointStore
    name: str

    @classmethod
    def of(cls, store: Any, name: str, query: Query) -> StoredPlace:
        """Return the place of an export in a store.

        Raises:
            InvalidValue: the store lacks a method, or the name is empty.
            FieldError: the query is not that of an export.
        """
        if isinstance(store, type) or not isinstance(store, CheckpointStore):
            raise InvalidValue(
                "resume_from() needs a store with load(), save() and delete(), such as "
                f"FileCheckpointStore('exports.json'), not {display(store)}"
            )
        require_text("resume_from(), the name of a checkpoint,", name)
        if not query.is_export:
            raise FieldError(
                "resume_from() continues an export: call changed_since() before it; resume() "
                "continues other queries"
            )
        return cls(store, name)

    def begin(self, query: Query) -> Query:
        """Return the query of an export that begins at the stored checkpoint, if there is one.

        Raises:
            InvalidValue: the checkpoint is that of another model.
        """
        checkpoint = self.store.load(self.name)
        if checkpoint is None:
            return query
        if not isinstance(checkpoint, Checkpoint):
            raise InvalidValue(
                f"load() of {type(self.store).__name__} must return a Checkpoint or None, not "
                f"{display(checkpoint)}; Checkpoint.from_text() reads a text"
            )
        checkpoint.require_export(query.meta)

        def replace(condition: Condition) -> Predicate:
            is_start = condition.name == EXPORT_LOOKUP
            return evolve(condition, value=checkpoint) if is_start else condition

        return evolve(query, where=map_conditions(query.where, replace))


class ProcessedPages:
    """The pages of an export of which all rows were processed: the next row was requested.

    Args:
        stored: where their checkpoints are saved, or None.

    Attributes:
        checkpoint: the place after them; None before the first one.
    """

    def __init__(self, stored: StoredPlace | None = None) -> None:
        self._stored = stored
        self.checkpoint: Checkpoint | None = None

    def begin(self, query: Query) -> Query:
        """Return the query that continues after the pages of earlier iterations."""
        return query if self._stored is None else self._stored.begin(query)

    def add(self, page: Any) -> None:
        """Add a page, a `RecordPage`, and save its checkpoint."""
        checkpoint = page.checkpoint
        if checkpoint is None or checkpoint == self.checkpoint:
            return
        if self._stored is not None:
            self._stored.store.save(self._stored.name, checkpoint)
        self.checkpoint = checkpoint


def require_export(meta: Options, lookups: dict[str, Any]) -> dict[str, Any]:
    """Return the lookups of an export, without those that are None.

    Raises:
        FieldError: Zendesk has no export of the model, or not with such a lookup.
        InvalidValue: the checkpoint is that of another model.
    """
    if EXPORT_LOOKUP not in meta.lookups:
        raise FieldError(
            f"Zendesk has no incremental export of {meta.verbose_name_plural}; {_instead(meta)}"
        )
    lookups = {name: value for name, value in lookups.items() if value is not None}
    for name in lookups:
        if name not in meta.lookups:
            raise FieldError(
                f"the export of {meta.verbose_name_plural} has no {name}; leave it out"
            )
    if EXPORT_LOOKUP not in lookups:
        raise InvalidValue("changed_since(None): None is no moment; use 0 for all rows")
    start = lookups[EXPORT_LOOKUP]
    if isinstance(start, Checkpoint):
        start.require_export(meta)
    return lookups


def _instead(meta: Options) -> str:
    """Return what to use for a model without an export."""
    model: Any = meta.model
    if hasattr(model.objects, "changes"):
        return f"{meta.object_name}.objects.changes(cursor) lists its changes, and takes a cursor"
    if "ticket" in meta.relations:
        return (
            "TicketEvent.objects.changed_since(...) exports the changes of tickets, and their "
            "comments with .filter(include='comment_events')"
        )
    if "updated_at" in meta.fields:
        return (
            f"read {meta.object_name}.objects.all(), and compare updated_at to the time of the "
            "last run"
        )
    return f"read {meta.object_name}.objects.all(), and compare the rows"

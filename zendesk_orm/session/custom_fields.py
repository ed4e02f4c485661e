"""The custom fields of an account: requested when they are first needed, and then cached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from zendesk_orm.http.clock import Clock, RequestLock
from zendesk_orm.query.predicate import And, Condition, Predicate, conjoin
from zendesk_orm.query.query import Query
from zendesk_orm.schema import custom
from zendesk_orm.schema.definitions import Definitions, parse_definition
from zendesk_orm.schema.options import Options
from zendesk_orm.session.cache import ChangeLog
from zendesk_orm.session.row_cache import RowCache


if TYPE_CHECKING:
    from zendesk_orm.session.session import Session

#: Seconds for which fields are cached if their model has no policy.
CACHE_SECONDS = 300.0


class CustomFieldCache:
    """The custom fields of an account, by model.

    They are fetched again after minutes (see `connect(cache_seconds={TicketField: 60})`), and
    after a field or an option of a field was written through this account.
    """

    def __init__(self, clock: Clock, rows: RowCache, changes: ChangeLog) -> None:
        self._clock = clock
        self._rows = rows
        self._changes = changes
        self._entries: dict[Any, tuple[float, int, Definitions]] = {}
        self._locks: dict[Any, RequestLock] = {}

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: custom fields of {len(self._entries)} models>"

    def get(self, session: Session, meta: Options, scope: Mapping[str, Any]) -> Definitions:
        """Return the custom fields of a model, with a request if they are not cached.

        Args:
            session: reads the fields.
            meta: the options of the model whose rows have the fields.
            scope: values by which the describing rows are filtered.

        Raises:
            FieldError: the model has no custom fields.
            ApiError, TransportError.
        """
        definitions = self.get_cached(meta, scope)
        if definitions is not None:
            return definitions
        key = self._key(meta, scope)
        # If several threads need the fields at once, one requests them.
        with self._locks.setdefault(key, RequestLock()):
            definitions = self.get_cached(meta, scope)
            if definitions is None:
                writes = self._count_writes(meta)
                definitions = _read(session, meta, scope)
                self._entries[key] = (self._clock.now(), writes, definitions)
        return definitions

    def get_cached(self, meta: Options, scope: Mapping[str, Any]) -> Definitions | None:
        """Return the custom fields of a model if they are cached and not too old, or None."""
        stamp, writes, definitions = self._entries.get(self._key(meta, scope)) or (0.0, 0, None)
        seconds = self._rows.seconds(custom.describing(meta)) or CACHE_SECONDS
        is_recent = self._clock.now() - stamp < seconds
        return definitions if is_recent and writes == self._count_writes(meta) else None

    @staticmethod
    def _key(meta: Options, scope: Mapping[str, Any]) -> Any:
        return custom.holder(meta).name, custom.describing(meta), *scope.values()

    def _count_writes(self, meta: Options) -> int:
        """Return how often fields, their options, or their parents were written."""
        field_meta: Options = custom.describing(meta)._meta
        labels = [field_meta.label, f"{field_meta.label}Option"]
        if field_meta.parent:
            labels.append(field_meta.relations[field_meta.parent].model._meta.label)
        return sum(map(self._changes.count_writes, labels))

    def clear(self) -> None:
        """Discard all fields."""
        self._entries.clear()


def _read(session: Session, meta: Options, scope: Mapping[str, Any]) -> Definitions:
    """Request the custom fields of a model."""
    where: Predicate = And()
    for name, value in scope.items():
        where = conjoin(where, Condition(name, "exact", value))
    by_id = custom.holder(meta).kind.name != "dict"
    pages = session.fetch(Query(custom.describing(meta), where))
    definitions = (parse_definition(field._row, by_id=by_id) for page in pages for field in page)
    return Definitions(
        (definition for definition in definitions if definition is not None),
        meta.verbose_name_plural,
    )

"""What the custom fields of an account are: one list, asked for at first need and kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from zendesk_orm import fork
from zendesk_orm.http.clock import Clock
from zendesk_orm.query.predicate import Condition, Every, Predicate, both
from zendesk_orm.query.query import Query
from zendesk_orm.schema import custom
from zendesk_orm.schema.definitions import Definitions, described
from zendesk_orm.schema.options import Options
from zendesk_orm.session.recent import RecentWrites
from zendesk_orm.session.rows import KeptRows


#: Seconds for which fields are kept whose own model has no policy.
KEEP = 300.0


class Reader(Protocol):
    """What the catalogue needs of a session."""

    def fetch(self, query: Query) -> Iterator[list[Any]]:
        """Yield the records of a query, a page at a time."""
        ...


class Catalogue:
    """The custom fields of an account, by model.

    They are asked for anew after minutes (`connect(keep={TicketField: 60})` says otherwise),
    and when a field or an option of one was written through this account.
    """

    def __init__(self, clock: Clock, rows: KeptRows, recent: RecentWrites) -> None:
        self._clock = clock
        self._rows = rows
        self._recent = recent
        self._known: dict[Any, tuple[float, int, Definitions]] = {}
        self._locks: dict[Any, fork.Lock] = {}

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: custom fields of {len(self._known)} models>"

    def of(self, reader: Reader, meta: Options, scope: Mapping[str, Any]) -> Definitions:
        """Return the custom fields for a model; a request at first, and then none.

        Args:
            reader: a session to ask through.
            meta: of the model whose rows have the fields.
            scope: which of the describing rows count.

        Raises:
            FieldError: the model has no custom fields.
            ApiError, TransportError.
        """
        found = self.known(meta, scope)
        if found is not None:
            return found
        key = self._key(meta, scope)
        # Of several threads that need them at once, one asks.
        with self._locks.setdefault(key, fork.Lock()):
            found = self.known(meta, scope)
            if found is None:
                writes = self._writes(meta)
                found = _read(reader, meta, scope)
                self._known[key] = (self._clock.now(), writes, found)
        return found

    def known(self, meta: Options, scope: Mapping[str, Any]) -> Definitions | None:
        """Return the custom fields for a model if they are kept and not too old."""
        stamp, writes, found = self._known.get(self._key(meta, scope)) or (0.0, 0, None)
        lasts = self._rows.seconds(custom.describing(meta)) or KEEP
        young = self._clock.now() - stamp < lasts
        return found if young and writes == self._writes(meta) else None

    @staticmethod
    def _key(meta: Options, scope: Mapping[str, Any]) -> Any:
        return custom.holder(meta).name, custom.describing(meta), *scope.values()

    def _writes(self, meta: Options) -> int:
        """Return how often fields, options of them, or what has them, were written here."""
        own: Options = custom.describing(meta)._meta
        labels = [own.label, f"{own.label}Option"]
        if own.parent:
            labels.append(own.relations[own.parent].model._meta.label)
        return sum(map(self._recent.number, labels))

    def clear(self) -> None:
        """Let go of everything."""
        self._known.clear()


def _read(reader: Reader, meta: Options, scope: Mapping[str, Any]) -> Definitions:
    where: Predicate = Every()
    for name, value in scope.items():
        where = both(where, Condition(name, "exact", value))
    by_id = custom.holder(meta).kind.name != "dict"
    pages = reader.fetch(Query(custom.describing(meta), where))
    found = (described(each._row, by_id=by_id) for page in pages for each in page)
    return Definitions((each for each in found if each is not None), meta.verbose_name_plural)

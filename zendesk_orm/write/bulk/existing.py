"""Rows that exist already: objects are looked up by a unique field before they are created.

A bulk creation that was interrupted can be repeated: objects whose `external_id` exists at
Zendesk are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from typing import Any

from attrs import evolve

from zendesk_orm.chunks import chunks
from zendesk_orm.errors import InvalidValue, NoEndpoint, ZendeskError
from zendesk_orm.messages import display
from zendesk_orm.plan.plan import UnionPlan
from zendesk_orm.plan.planner import plan
from zendesk_orm.query.predicate import And, Condition, Predicate, conjoin
from zendesk_orm.query.query import Query
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.schema.row import Row
from zendesk_orm.session.own_writes import LAG
from zendesk_orm.session.session import Session
from zendesk_orm.write.bulk.jobs import wait_for_running_jobs
from zendesk_orm.write.bulk.requests import MAX_PER_REQUEST, Entry, Pair
from zendesk_orm.write.bulk.results import Outcome


#: Words in the titles of jobs that create rows.
_CREATING = ("Create", "Import")
#: The field with the custom object of a record.
_PARENT = "custom_object_key"


def can_look_up(model: Any, name: str) -> bool:
    """Return True if rows of a model can be looked up by many values of a field."""
    condition = Condition(column(model._meta.get_field(name)).name, "in", ("x", "y"))
    parent = "x" if _PARENT in model._meta.fields else None
    try:
        plan(Query(model, _below(parent, condition)))
    except NoEndpoint:
        return False
    return True


class ExistingRows:
    """Looks up the rows of objects by a unique field, a hundred objects at a time.

    Before the first lookup, jobs that still create rows are waited for: the jobs of a process
    that was killed continue. If a lookup reads the search index, which lags, recently created
    rows are read from the list as well.

    Args:
        session: the session to read with.
        model: the model of the objects.
        name: the unique field: `external_id`.
        uncertain: the ids (of Python) of the only objects to look up, which have been created if
            they exist; None for all objects, which are ignored if they exist.
        since: a time; rows created before it are not those of uncertain objects.
        backdated: whether rows may be created with dates in the past, so that only
            `generated_timestamp` contains the time of their creation.
    """

    def __init__(
        self,
        session: Session,
        model: Any,
        name: str,
        *,
        uncertain: frozenset[int] | None = None,
        since: float = 0.0,
        backdated: bool = False,
    ) -> None:
        self._session = session
        self._model = model
        self._field = column(model._meta.get_field(name))
        self._uncertain = uncertain
        self._since = since
        self._creation_time = _storage_time if backdated else _creation_time
        #: Rows by parent (the custom object of a record) and by the key of the value.
        self._rows: dict[tuple[Any, Any], Row] = {}
        self._seen: set[tuple[Any, Any]] = set()
        self._read_parents: set[Any] = set()

    def filter_existing(self, entries: Iterator[Entry]) -> Iterator[Entry | Pair]:
        """Yield the objects that do not exist, and those that exist with their outcomes.

        Raises:
            InvalidValue: an object has no value of the unique field.
            JobTimeout: a job that creates rows has not ended after an hour.
        """
        waited = False
        for chunk in chunks(entries, MAX_PER_REQUEST):
            values: dict[Any, list[Any]] = {}
            for entry in filter(self._is_looked_up, chunk):
                values.setdefault(_parent(entry), []).append(self._value(entry))
            if values and not waited:
                waited = True
                # They may be creating the rows that are about to be looked up.
                transport, using = self._session.account.transport, self._session.alias
                wait_for_running_jobs(transport, using, _CREATING)
            for parent, parent_values in values.items():
                if parent not in self._read_parents:
                    self._read_parents.add(parent)
                    self._read_recent(parent, parent_values)
                self._look_up(parent, parent_values)
            for entry in chunk:
                yield self._classify(entry)

    def find_rows(self, entries: Iterable[Entry]) -> dict[int, Row]:
        """Return the rows with the values of some objects, by the objects' positions.

        Objects without a value and objects without a row are left out.
        """
        searched = [entry for entry in entries if entry.payload.get(self._field.wire) is not None]
        values: dict[Any, list[Any]] = {}
        for entry in searched:
            values.setdefault(_parent(entry), []).append(self._value(entry))
        for parent, parent_values in values.items():
            self._look_up(parent, parent_values)
            if any((parent, self._field.key(value)) not in self._rows for value in parent_values):
                self._read_recent(parent, parent_values)
        rows = {entry.position: self._rows.get(self._key(entry)) for entry in searched}
        return {position: row for position, row in rows.items() if row is not None}

    def _key(self, entry: Entry) -> tuple[Any, Any]:
        """Return the key of the row of an object."""
        return _parent(entry), self._field.key(self._value(entry))

    def _is_looked_up(self, entry: Entry) -> bool:
        """Return True if an object may exist already."""
        return self._uncertain is None or id(entry.record) in self._uncertain

    def _value(self, entry: Entry) -> Any:
        """Return the value of the unique field of an object.

        Raises:
            InvalidValue: the object lacks it.
        """
        value = entry.payload.get(self._field.wire)
        if value is None:
            raise InvalidValue(
                f"{display(entry.record)} must have a value of {self._field.name}, by which it "
                "is looked up"
            )
        return value

    def _classify(self, entry: Entry) -> Entry | Pair:
        """Return an object if it does not exist; else the object and its outcome."""
        if not self._is_looked_up(entry):
            return entry
        key = self._key(entry)
        row = self._rows.pop(key, None)
        if self._uncertain is not None:
            if row is None or self._creation_time(row) < self._since:
                return entry
            return entry, Outcome(entry.record, row["id"], ok=True)
        repeated = key in self._seen
        self._seen.add(key)
        if row is None and not repeated:
            return entry
        pk = None if row is None else row["id"]
        return entry, Outcome(entry.record, pk, ok=True, state="ignored")

    def _look_up(self, parent: Any, values: list[Any]) -> None:
        """Read the rows with some values."""
        for page in self._session.fetch(self._query(parent, values)):
            self._add(parent, (record._row for record in page))

    def _read_recent(self, parent: Any, values: list[Any]) -> None:
        """Read recently created rows, which search may lack, from the list, newest first."""
        chosen = plan(self._query(parent, values))
        plans = chosen.plans if isinstance(chosen, UnionPlan) else (chosen,)
        if all(chosen_plan.endpoint.fresh for chosen_plan in plans):
            return
        horizon = self._session.account.transport.clock.now() - 2 * LAG
        query = Query(self._model, _below(parent, And()), order=("-id",), fresh=True, streamed=True)
        for page in self._session.fetch(query):
            rows = [record._row for record in page]
            self._add(parent, rows)
            # A single row may have another date than that of its creation; a whole page has not.
            if all(self._creation_time(row) < horizon for row in rows):
                return

    def _query(self, parent: Any, values: list[Any]) -> Query:
        """Return the query for the rows with some values."""
        condition = Condition(self._field.name, "in", tuple(dict.fromkeys(values)))
        return evolve(Query(self._model, _below(parent, condition)), streamed=True)

    def _add(self, parent: Any, rows: Iterable[Row]) -> None:
        """Add rows that were read."""
        wire, key = self._field.wire, self._field.key
        self._rows.update(
            ((parent, key(row[wire])), row) for row in rows if row.get(wire) is not None
        )


def find_ids(session: Session, model: Any, duplicates: list[Pair]) -> list[Pair]:
    """Return the outcomes of objects that Zendesk rejected as duplicates, with the ids of rows.

    Rows are looked up by the fields that Zendesk keeps unique, starting with the field that its
    error names. The id remains unknown if no field leads to a row.
    """
    ids: dict[int, Any] = {}
    reason = ""
    for name, entries in _lookups(model, duplicates):
        remaining = [entry for entry in entries if entry.position not in ids]
        try:
            rows = ExistingRows(session, model, name).find_rows(remaining)
        except ZendeskError as error:
            reason = f"; the lookup by {name} failed: {error}"
            continue
        ids.update((position, row["id"]) for position, row in rows.items())
    return [
        (entry, evolve(outcome, id=ids[entry.position]))
        if entry.position in ids
        else (entry, evolve(outcome, details=f"{outcome.details}{reason}"))
        for entry, outcome in duplicates
    ]


def _lookups(model: Any, duplicates: list[Pair]) -> Iterator[tuple[str, list[Entry]]]:
    """Yield the unique fields, each with the objects to look up by it."""
    names = [name for name in model._meta.unique if can_look_up(model, name)]
    for in_error in (True, False):
        for name in names:
            # Zendesk's errors call the external id `External`.
            word = name.partition("_")[0]
            yield (
                name,
                [
                    entry
                    for entry, outcome in duplicates
                    if (word in outcome.details.casefold()) is in_error
                ],
            )


def _parent(entry: Entry) -> Any:
    """Return the custom object of a record; None for other objects."""
    return entry.record._row.get(_PARENT)


def _below(parent: Any, condition: Predicate) -> Predicate:
    """Return a condition, limited to the records of a custom object if there is one."""
    return condition if parent is None else conjoin(Condition(_PARENT, "exact", parent), condition)


def _storage_time(row: Row) -> float:
    """Return the time at which Zendesk last stored a row, whatever its dates are."""
    stamp = row.get("generated_timestamp")
    return float(stamp) if stamp else _creation_time(row)


def _creation_time(row: Row) -> float:
    """Return the time at which a row was created; now if the row does not contain it."""
    stamp = row.get("created_at")
    if not stamp:
        return datetime.now(timezone.utc).timestamp()
    moment: datetime = load_datetime(stamp)
    return moment.timestamp()

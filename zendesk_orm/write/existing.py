"""What is there already: looked up by a unique field before anything is created.

A bulk creation that broke off, because its process died or the connection did, can
be begun anew: objects whose `external_id` is known at Zendesk are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timezone
from itertools import islice
from typing import Any

from attrs import evolve

from zendesk_orm.errors import InvalidValue, NoEndpoint, ZendeskError
from zendesk_orm.plan.plan import Union
from zendesk_orm.plan.planner import plan
from zendesk_orm.query.predicate import Condition, Every, Predicate, both
from zendesk_orm.query.query import Query
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.schema.row import Row
from zendesk_orm.session.recent import LAG
from zendesk_orm.session.session import Session
from zendesk_orm.write.batches import MOST, Item
from zendesk_orm.write.jobs import Job, listed, wait
from zendesk_orm.write.outcomes import Outcome


#: Words in the title of a job that makes rows.
_MAKING = ("Create", "Import")
#: Seconds for which jobs of others are waited for.
_PATIENCE = 3600.0
#: The field that says which custom object a record belongs to.
_KEY = "custom_object_key"


def findable(model: Any, name: str) -> bool:
    """Tell whether rows of a model can be looked up by a field, many at once."""
    where = Condition(column(model._meta.get_field(name)).name, "in", ("x", "y"))
    place = "x" if _KEY in model._meta.fields else None
    try:
        plan(Query(model, _below(place, where)))
    except NoEndpoint:
        return False
    return True


class Existing:
    """Leaves out objects that Zendesk knows already.

    Before the first lookup the jobs that still make rows are waited for: those of a process
    that was killed go on without it. Each hundred objects are then looked up together, and
    where that reads the search index, which lags, rows made lately are read from the list
    as well.

    Args:
        session: where to look.
        model: of the objects.
        name: the unique field: `external_id`.
        doubtful: the ids (of Python) of the only objects to look for, each of which has been
            created if it is there; None for all, which are left alone if they are there.
        since: a moment; what was made before it is no doubtful object.
        backdated: whether rows may have been created with dates of the past, so that only
            `generated_timestamp` tells when.
    """

    def __init__(
        self,
        session: Session,
        model: Any,
        name: str,
        *,
        doubtful: frozenset[int] | None = None,
        since: float = 0.0,
        backdated: bool = False,
    ) -> None:
        self._session = session
        self._model = model
        self._field = column(model._meta.get_field(name))
        self._doubtful = doubtful
        self._since = since
        self._moment = _changed if backdated else _moment
        #: By the custom object that a record belongs to, if it does, and by the value's key.
        self._known: dict[tuple[Any, Any], Row] = {}
        self._given: set[tuple[Any, Any]] = set()
        self._read: set[Any] = set()

    def sift(self, items: Iterator[Item]) -> Iterator[Item | tuple[Item, Outcome]]:
        """Yield the objects that are not there, and those that are with their outcome.

        Raises:
            InvalidValue: an object has no value to be found by.
            TimeoutError: a job that makes rows has not ended after an hour.
        """
        begun = False
        while some := list(islice(items, MOST)):
            wanted: dict[Any, list[Any]] = {}
            for each in filter(self._asked, some):
                wanted.setdefault(_place(each), []).append(self._value(each))
            if wanted and not begun:
                begun = True
                self._settle_down()
            for place, values in wanted.items():
                if place not in self._read:
                    self._read.add(place)
                    self._read_lately(place, values)
                self._look_up(place, values)
            for each in some:
                yield self._judged(each)

    def rows(self, items: Iterable[Item]) -> dict[int, Row]:
        """Return the rows that have the values of some objects, by the objects' positions.

        Objects without a value are left out, and so are those that Zendesk shows nowhere.
        """
        some = [each for each in items if each.payload.get(self._field.wire) is not None]
        wanted: dict[Any, list[Any]] = {}
        for each in some:
            wanted.setdefault(_place(each), []).append(self._value(each))
        for place, values in wanted.items():
            self._look_up(place, values)
            if any((place, self._field.key(each)) not in self._known for each in values):
                self._read_lately(place, values)
        found = {each.position: self._known.get(self._key(each)) for each in some}
        return {position: row for position, row in found.items() if row is not None}

    def _key(self, item: Item) -> tuple[Any, Any]:
        return _place(item), self._field.key(self._value(item))

    def _asked(self, item: Item) -> bool:
        return self._doubtful is None or id(item.object) in self._doubtful

    def _value(self, item: Item) -> Any:
        value = item.payload.get(self._field.wire)
        if value is None:
            raise InvalidValue(
                f"{item.object!r} has no {self._field.name}, by which it could be found"
            )
        return value

    def _judged(self, item: Item) -> Item | tuple[Item, Outcome]:
        if not self._asked(item):
            return item
        key = self._key(item)
        row = self._known.pop(key, None)
        if self._doubtful is not None:
            found = row is not None and self._moment(row) >= self._since
            return (item, Outcome(item.object, row["id"], ok=True)) if found and row else item
        twice = key in self._given
        self._given.add(key)
        if row is None and not twice:
            return item
        pk = None if row is None else row["id"]
        return item, Outcome(item.object, pk, ok=True, state="ignored")

    def _settle_down(self) -> None:
        """Wait for jobs that may be making the very rows that are about to be looked for."""
        transport = self._session.account.transport
        jobs = [Job.from_row(row, self._session.alias) for row in listed(transport) if _makes(row)]
        wait(transport, [job for job in jobs if not job.ended], _PATIENCE, missing_ok=True)

    def _look_up(self, place: Any, values: list[Any]) -> None:
        for page in self._session.fetch(self._query(place, values)):
            self._keep(place, (record._row for record in page))

    def _read_lately(self, place: Any, values: list[Any]) -> None:
        """Read the rows made lately, which search may not know, from the list: newest first."""
        found = plan(self._query(place, values))
        plans = found.plans if isinstance(found, Union) else (found,)
        if all(each.endpoint.fresh for each in plans):
            return
        horizon = self._session.account.transport.clock.now() - 2 * LAG
        newest = Query(
            self._model, _below(place, Every()), order=("-id",), fresh=True, streamed=True
        )
        for page in self._session.fetch(newest):
            rows = [record._row for record in page]
            self._keep(place, rows)
            # One row may tell another time than that at which it was made; a page does not.
            if all(self._moment(row) < horizon for row in rows):
                return

    def _query(self, place: Any, values: list[Any]) -> Query:
        where = Condition(self._field.name, "in", tuple(dict.fromkeys(values)))
        return evolve(Query(self._model, _below(place, where)), streamed=True)

    def _keep(self, place: Any, rows: Any) -> None:
        wire = self._field.wire
        key = self._field.key
        self._known.update(
            ((place, key(row[wire])), row) for row in rows if row.get(wire) is not None
        )


def identified(
    session: Session, model: Any, refused: list[tuple[Item, Outcome]]
) -> list[tuple[Item, Outcome]]:
    """Return the outcomes of objects that Zendesk refused because they exist, with their ids.

    They are looked up by the fields that Zendesk keeps unique, those that it named first. If
    none of these leads to a row, the id stays unknown.
    """
    ids: dict[int, Any] = {}
    reason = ""
    for name, some in _lookups(model, refused):
        items = [item for item in some if item.position not in ids]
        try:
            rows = Existing(session, model, name).rows(items)
        except ZendeskError as error:
            reason = f"; it could not be looked up by {name}: {error}"
            continue
        ids.update((position, row["id"]) for position, row in rows.items())
    return [
        (item, evolve(outcome, id=ids[item.position]))
        if item.position in ids
        else (item, evolve(outcome, details=f"{outcome.details}{reason}"))
        for item, outcome in refused
    ]


def _lookups(model: Any, refused: list[tuple[Item, Outcome]]) -> Iterator[tuple[str, list[Item]]]:
    """Yield the unique fields to look objects up by, each with the objects."""
    names = [name for name in model._meta.unique if findable(model, name)]
    for named in (True, False):
        for name in names:
            # Zendesk calls the external id `External`.
            word = name.partition("_")[0]
            yield name, [item for item, each in refused if (word in _text(each)) is named]


def _text(outcome: Outcome) -> str:
    return outcome.details.casefold()


def _place(item: Item) -> Any:
    """Return the key of the custom object that a record belongs to; None for other rows."""
    return item.object._row.get(_KEY)


def _below(place: Any, where: Predicate) -> Predicate:
    """Return a predicate narrowed to the records of a custom object, if there is one."""
    return where if place is None else both(Condition(_KEY, "exact", place), where)


def _makes(row: Mapping[str, Any]) -> bool:
    """Tell whether a job makes rows; one that does not say what it does may."""
    title = row.get("job_type")
    return title is None or any(word in str(title) for word in _MAKING)


def _changed(row: Row) -> float:
    """Return when Zendesk last stored a row, whatever dates it was imported with."""
    stamp = row.get("generated_timestamp")
    return float(stamp) if stamp else _moment(row)


def _moment(row: Row) -> float:
    """Return when a row was made; what does not tell was made now."""
    stamp = row.get("created_at")
    if not stamp:
        return datetime.now(timezone.utc).timestamp()
    moment: datetime = load_datetime(stamp)
    return moment.timestamp()

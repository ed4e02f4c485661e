"""Loads rows of records that exist already: of partial ones, and of own writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zendesk_orm.errors import NoEndpoint
from zendesk_orm.plan.planner import plan_one
from zendesk_orm.query.predicate import Condition
from zendesk_orm.query.query import Query
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import PartialRow, Row
from zendesk_orm.session.lists.pages import pages
from zendesk_orm.session.n_plus_one import below_parent, has_id_among
from zendesk_orm.session.own_writes import Write
from zendesk_orm.session.single_flight import SingleFlight


if TYPE_CHECKING:
    from zendesk_orm.session.session import Session


def fetch_row(session: Session, record: Record, flights: SingleFlight | None) -> Row:
    """Request the row of a record.

    Args:
        session: the session of the record.
        record: the record.
        flights: the requests that may be shared with other threads; None to share none.

    Raises:
        ObjectDoesNotExist: the model's own `DoesNotExist`.
    """
    model: Any = type(record)
    query = Query(model, below_parent(record, Condition("id", "exact", record.pk)), fresh=True)
    for page in pages(session.transport, plan_one(query), flights=flights):
        for row in page.rows:
            if row.get("id") == record.pk:
                return row
    raise model.DoesNotExist(f"{model.__name__} {record.pk} does not exist")


def load_together(session: Session, records: Sequence[Record], wire: str) -> None:
    """Fetch the rows of records with the same parent, unless that takes a request for each.

    Records whose rows do not exist, or lack the value of the key, stay unchanged.
    """
    first = records[0]
    model: Any = type(first)
    parent = model._meta.parent_of(first._row)
    siblings = [sibling for sibling in records if model._meta.parent_of(sibling._row) == parent]
    if len(siblings) < 2:
        return
    where = has_id_among((sibling.pk for sibling in siblings), first)
    query = Query(model, where, fresh=True, together=True)
    try:
        if plan_one(query).requests >= len(siblings):
            return
    except NoEndpoint:
        return
    rows = {record.pk: record._row for page in session.fetch(query) for record in page}
    for record in siblings:
        row = rows.get(record.pk)
        if row is not None and (type(row) is not PartialRow or wire in row):
            record.update_from_row(row)


def reread_writes(session: Session, model: type[Any], rows: Iterable[Row]) -> Mapping[Any, Write]:
    """Read the rows of own writes again, and return the writes with their rows, by key.

    The rows contain at least the id, and the parent if there is one.
    """
    meta, recent = model._meta, session.account.recent
    number = session.account.changes.latest
    by_parent: dict[Any, list[Row]] = {}
    current: dict[Any, Row | None] = {}
    for row in rows:
        by_parent.setdefault(meta.parent_of(row), []).append(row)
        current[meta.key(row)] = None
    for siblings in by_parent.values():
        where = has_id_among((row["id"] for row in siblings), model.from_row(siblings[0]))
        query = Query(model, where, fresh=True)
        current.update((row._key, row._row) for page in session.fetch(query) for row in page)
    return recent.confirm(model, current, number)

"""Related rows that come along: side-loaded, or fetched for a whole page at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from zendesk_orm.plan.plan import Plan, relation_plural
from zendesk_orm.schema import prefetched
from zendesk_orm.schema.fields import Ref
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import Row
from zendesk_orm.session.envelopes import UNKNOWN, check_rows, objects_in


#: Makes records of complete rows; fetches records by id.
TakeIn = Callable[[Any, Iterable[Row]], list[Any]]
Fetch = Callable[[Any, list[Any]], Iterable[Any]]


def attach(
    records: list[Any], data: Mapping[str, Any], plan: Plan, take_in: TakeIn, fetch: Fetch
) -> None:
    """Give each record what its selected relations point to, held strongly.

    Args:
        records: the records of one page.
        data: the envelope that they came in.
        plan: says which relations were side-loaded and which were not.
        take_in: makes records of side-loaded rows.
        fetch: gets the records that no side-load brought.
    """
    meta = plan.query.meta
    arrived: dict[str, dict[Any, Any]] = {}
    for plural in plan.includes:
        relation = next(r for r in _selected(plan) if relation_plural(plan.query, r.name) == plural)
        rows = objects_in(data, plural)
        check_rows(UNKNOWN, rows, relation.model._meta)
        arrived[plural] = _by_id(take_in(relation.model, rows))
    for name in plan.query.related:
        relation = meta.relations[name]
        known = arrived.setdefault(relation_plural(plan.query, name), {})
        if name in plan.prefetched:
            wanted = {*relation.ids(records)} - known.keys() - {None}
            known.update(_by_id(fetch(relation.model, list(wanted))) if wanted else {})
        link(records, relation, known)


def _selected(plan: Plan) -> list[Ref[Any]]:
    return [plan.query.meta.relations[name] for name in plan.query.related]


def link(records: Sequence[Record], relation: Ref[Any], known: Mapping[Any, Any]) -> None:
    """Give records what their relation points to, as far as it is known; unsaved edits stay."""
    name, column = relation.name, relation.id.name
    for record, pk in zip(records, relation.ids(records), strict=True):
        related = known.get(pk)
        if related is not None:
            values = record.__dict__
            if column not in values or not record.changes().get(column):
                values[name] = related


def parted(rows: Sequence[Row], plan: Plan) -> tuple[Sequence[Row], Mapping[str, list[list[Row]]]]:
    """Return rows without those that are embedded in them, and these by relation."""
    names = [
        name
        for name in plan.query.embedded_by(plan.endpoint.includes)
        if all(name in row for row in rows)
    ]
    if not names:
        return rows, {}
    bare = [{key: value for key, value in row.items() if key not in names} for row in rows]
    return bare, {name: [row[name] or [] for row in rows] for name in names}


def keep_embedded(
    records: Sequence[Any], within: Mapping[str, list[list[Row]]], take_in: TakeIn
) -> None:
    """Let records keep the rows that were embedded in theirs, as if they were prefetched."""
    for name, lists in within.items():
        many: Any = getattr(type(records[0]), name) if records else None
        for record, found in zip(records, lists, strict=True):
            wire = many.model._meta.relations[many.relation].id.wire
            children = [{**row, wire: record.pk} for row in found]
            prefetched.keep(record, many, take_in(many.model, children))


def _by_id(records: Iterable[Any]) -> dict[Any, Any]:
    return {record.pk: record for record in records}

"""Own writes laid over what the search index says, which learns of them minutes later."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve, frozen

from zendesk_orm.plan.plan import Plan
from zendesk_orm.query.matching import Test, row_test, sort_key
from zendesk_orm.query.predicate import conditions
from zendesk_orm.query.query import Query
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.row import Hollow, Row
from zendesk_orm.session.pages import Page
from zendesk_orm.session.recent import Write, later


#: Fetches whole rows by id.
Fetch = Callable[[Any, Iterable[Row]], Mapping[Any, Row]]


@frozen(eq=False)
class Overlay:
    """The writes that make a difference to one query.

    Attributes:
        writes: by the keys of their rows.
        added: the rows that match now, in the query's order.
        key: what orders rows.
        identify: returns the key of a row.
    """

    writes: Mapping[Any, Write]
    added: list[Row]
    key: Callable[[Row], Any]
    identify: Callable[[Row], Any]

    def over(self, stream: Iterator[Page]) -> Iterator[Page]:
        """Yield the pages as they will be when the index has caught up."""
        left = list(self.added)
        given: set[Any] = set()
        page = None
        for page in stream:
            rows: list[Row] = []
            for row in page.rows:
                rows += self._due(left, given, self.key(row))
                pk = self.identify(row)
                if pk not in self.writes:
                    rows.append(row)
                elif later(row, self.writes[pk]) and pk not in given:
                    given.add(pk)
                    rows.append(row)
            yield evolve(page, rows=rows)
        rest = [row for row in left if self.identify(row) not in given]
        if rest:
            yield Page(rest, {} if page is None else page.data)

    def _due(self, left: list[Row], given: set[Any], key: Any) -> Iterator[Row]:
        """Yield the added rows that come before a key."""
        while left and self.key(left[0]) < key:
            row = left.pop(0)
            if self.identify(row) not in given:
                given.add(self.identify(row))
                yield row


def overlay(writes: Mapping[Any, Write], plan: Plan, fetch: Fetch) -> Overlay | None:
    """Return what own writes change of the rows of a plan, or None when nothing.

    Args:
        writes: the recent writes of the model.
        plan: one that reads the index.
        fetch: gets the rows of which too little is known.
    """
    query = plan.query
    if not writes or not _comparable(query):
        return None
    test = row_test(query.where, query.meta)
    wanted = [pk for pk, write in writes.items() if _matters(write, query, test)]
    if not wanted:
        return None
    order = query.order or tuple(filter(None, [plan.endpoint.natural]))
    needed = _needed(query, order)
    rows = {pk: write.after for pk, write in writes.items() if pk in wanted}
    vague = [pk for pk, row in rows.items() if row is not None and not _enough(row, needed)]
    if vague:
        found = fetch(query.model, [query.meta.known_row(rows[pk] or {}) for pk in vague])
        rows.update((pk, found.get(pk)) for pk in vague)
    known = {pk: evolve(write, after=rows.get(pk, write.after)) for pk, write in writes.items()}
    key = sort_key(query.meta, order)
    added = sorted((row for row in rows.values() if row is not None and test(row)), key=key)
    return Overlay({pk: known[pk] for pk in wanted}, added, key, query.meta.key)


def _comparable(query: Query) -> bool:
    """Tell whether rows can be compared with the predicate at all."""
    told = query.meta.lookups
    return not any(each.op == "raw" or each.name in told for each in conditions(query.where))


def _matters(write: Write, query: Query, test: Test) -> bool:
    """Tell whether the row matches, or the index may still think so."""
    needed = _needed(query, ())
    for row in (*write.before, write.after):
        if row is None:
            if row is not write.after:
                return True
            continue
        if row and (not _enough(row, needed) or test(row)):
            return True
    return False


def _needed(query: Query, order: Iterable[str]) -> set[str]:
    """Return the keys that a row has to have to be compared and ordered."""
    fields = query.meta.fields
    names = [each.name for each in conditions(query.where) if each.name != "text"]
    names += (name.lstrip("-") for name in order)
    found = (column(query.meta.get_field(name.partition("__")[0])).wire for name in names)
    return {wire for wire in found if wire in {field.wire for field in fields.values()}}


def _enough(row: Row, needed: set[str]) -> bool:
    return type(row) is not Hollow or needed <= row.keys()

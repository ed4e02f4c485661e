"""Own writes laid over what the search index says, which learns of them minutes later."""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any

from attrs import evolve, frozen

from zendesk_orm.plan.plan import Plan
from zendesk_orm.query.matching import Test, row_test
from zendesk_orm.query.ordering import sort_key
from zendesk_orm.query.predicate import conditions
from zendesk_orm.query.query import Query
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.row import Hollow, Row
from zendesk_orm.session.page import Page
from zendesk_orm.session.recent import Write, older


#: Reads the rows of own writes again; of each, it takes what the path to the row needs.
Fetch = Callable[[Any, Iterable[Row]], Mapping[Any, Write]]


@frozen(eq=False)
class Overlay:
    """The writes that make a difference to one query.

    Attributes:
        query: the query.
        writes: the writes, by the keys of their rows.
        added: the rows that match now, in the order of the pages.
        key: the key that sorts the rows of the pages.
        test: whether a row matches.
        trusts: whether a row can be given that the index lacks, as it was written.
        fetch: reads rows again.
    """

    query: Query
    writes: Mapping[Any, Write]
    added: list[Row]
    key: Callable[[Row], Any]
    test: Test
    trusts: Callable[[Write], bool]
    fetch: Fetch

    def over(self, stream: Iterator[Page]) -> Iterator[Page]:
        """Yield the pages as they will be when the index has caught up."""
        left = deque((self.key(row), row) for row in self.added)
        known: set[Any] = set()
        page = None
        for page in stream:
            rows = self._still_true(page.rows, known)
            yield evolve(page, rows=list(self._put_in(rows, left, known)))
        rest = self._confirmed([row for _, row in left if self._identify(row) not in known])
        if rest:
            yield Page(rest, {} if page is None else page.data)

    def _identify(self, row: Row) -> Any:
        return self.query.meta.key(row)

    def _still_true(self, rows: list[Row], known: set[Any]) -> list[Row]:
        """Return the rows that are not older than own writes, which the index knows then."""
        true: list[Row] = []
        for row in rows:
            place = self._identify(row)
            write = self.writes.get(place)
            if write is None:
                true.append(row)
            elif not older(row, write):
                known.add(place)
                true.append(row)
        return true

    def _put_in(
        self, rows: list[Row], left: deque[tuple[Any, Row]], known: set[Any]
    ) -> Iterator[Row]:
        """Yield rows, each after the added ones that come before it."""
        for row in rows:
            key, due = self.key(row), []
            while left and left[0][0] < key:
                due.append(left.popleft()[1])
            for each in self._confirmed(
                [each for each in due if self._identify(each) not in known]
            ):
                place = self.key(each)
                if place < key:
                    yield each
                else:
                    insort(left, (place, each), key=itemgetter(0))
            yield row

    def _confirmed(self, rows: list[Row]) -> list[Row]:
        """Return the added rows that match still; those not trusted are read again."""
        if not rows:
            return []
        meta = self.query.meta
        places = [meta.key(row) for row in rows]
        doubtful = [
            meta.known_row(row)
            for place, row in zip(places, rows, strict=True)
            if not self.trusts(self.writes[place])
        ]
        again = self.fetch(self.query.model, doubtful) if doubtful else {}
        now = (
            again[place].after if place in again else row
            for place, row in zip(places, rows, strict=True)
        )
        return sorted((row for row in now if row and self.test(row)), key=self.key)


def overlay(
    writes: Mapping[Any, Write], plan: Plan, trusts: Callable[[Write], bool], fetch: Fetch
) -> Overlay | None:
    """Return what own writes change of the rows of a plan, or None when nothing.

    Args:
        writes: the recent writes of the model.
        plan: one that reads the index.
        trusts: whether a row can be given as it was written, if the index lacks it.
        fetch: gets the rows of which too little is known.
    """
    query = plan.query
    if not writes or not _comparable(query):
        return None
    test = row_test(query.where, query.meta)
    known = {pk: write for pk, write in writes.items() if _matters(write, query, test)}
    if not known:
        return None
    needed = _needed(query, plan.order)
    rows = {pk: write.after for pk, write in known.items()}
    vague = [pk for pk, row in rows.items() if row is not None and not _enough(row, needed)]
    if vague:
        known.update(fetch(query.model, [query.meta.known_row(rows[pk] or {}) for pk in vague]))
    key = sort_key(query.meta, plan.order)
    after = (write.after for write in known.values())
    added = sorted((row for row in after if row is not None and test(row)), key=key)
    return Overlay(query, known, added, key, test, trusts, fetch)


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

"""Rows without keys for their parents, which only the path of the request contains.

Source: https://developer.zendesk.com/api-reference/introduction/requests/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, TypeVar

from attrs import evolve

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.model import Model
from zendesk_orm.query.matching import row_test
from zendesk_orm.query.ordering import arrange
from zendesk_orm.query.predicate import And, Predicate, conjoin, conjuncts
from zendesk_orm.query.query import Query
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import column
from zendesk_orm.session.lists.interruptions import RecordPage, gather


R = TypeVar("R", bound=Model)


class PlacedManager(Manager[R]):
    """A manager that adds the parents from the path to rows before filtering them."""

    #: Fields or relations that the path contains but rows do not.
    _places: ClassVar[tuple[str, ...]] = ()

    def _iter_pages(self, query: Query) -> Iterator[RecordPage[R]]:
        place_query = self._place_query(query)
        if place_query is None:
            for page in super()._iter_pages(evolve(query, projection=None)):
                yield page.replace(_project(query, self._add_places(query, page)))
            return
        pages = yield from gather(super()._iter_pages(place_query))
        records = [record for page in pages for record in self._add_places(query, page)]
        test = row_test(query.where, query.meta)
        records = [record for record in records if test(record._row)]
        yield RecordPage(_project(query, arrange(query, records, lambda record: record._row)))

    def _place_query(self, query: Query) -> Query | None:
        """Return a query for all rows of the place, or None if no row must be compared."""
        path_names = (*self._places, "id") if query.meta.api.find(Verb.SHOW) else self._places
        parts = conjuncts(query.where)
        where: Predicate = And()
        for part in parts:
            if getattr(part, "name", "") in self._places:
                where = conjoin(where, part)
        if not query.order and all(getattr(part, "name", "") in path_names for part in parts):
            return None
        return evolve(query, where=where, order=(), start=0, stop=None, projection=None)

    def _add_places(self, query: Query, page: Iterable[R]) -> Iterator[R]:
        """Yield the records of a page after adding the values from the path to their rows."""
        wires = {name: column(query.meta.get_field(name)).wire for name in self._places}
        values = query.exact_values
        places = {wire: values[name] for name, wire in wires.items() if name in values}
        for record in page:
            record.update_from_row({**places, **record._row})
            yield record


def _project(query: Query, page: Iterable[Any]) -> list[Any]:
    """Return records, or their projections for `values()` and the like."""
    if query.projection is None:
        return list(page)
    return list(map(query.projection.function(), page))

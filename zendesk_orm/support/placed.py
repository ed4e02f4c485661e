"""Rows whose place only the path tells: of which parent, and of which parent of that.

Source: https://developer.zendesk.com/api-reference/introduction/requests/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, TypeVar

from attrs import evolve

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.query.matching import row_test
from zendesk_orm.query.ordering import arrange
from zendesk_orm.query.predicate import Every, Predicate, both, conjuncts
from zendesk_orm.query.query import Query
from zendesk_orm.schema.fields import column


R = TypeVar("R", bound=Model)


class PlacedManager(Manager[R]):
    """A manager whose rows are told what their path says of them, and compared only then."""

    #: The fields or relations that the path names, and no row does.
    _places: ClassVar[tuple[str, ...]] = ()

    def _pages(self, query: Query) -> Iterator[list[R]]:
        asked = self._of_place(query)
        if asked is None:
            for page in super()._pages(evolve(query, shape=None)):
                yield _shaped(query, self._placed(query, page))
            return
        found = [each for page in super()._pages(asked) for each in self._placed(query, page)]
        test = row_test(query.where, query.meta)
        found = [each for each in found if test(each._row)]
        yield _shaped(query, arrange(query, found, lambda each: each._row))

    def _of_place(self, query: Query) -> Query | None:
        """Return the query for all rows of the place, or None where no row need be compared."""
        told = (*self._places, "id") if query.meta.api.find(Verb.SHOW) else self._places
        parts = conjuncts(query.where)
        where: Predicate = Every()
        for part in parts:
            if getattr(part, "name", "") in self._places:
                where = both(where, part)
        if not query.order and all(getattr(part, "name", "") in told for part in parts):
            return None
        return evolve(query, where=where, order=(), start=0, stop=None, shape=None)

    def _placed(self, query: Query, page: Iterable[R]) -> Iterator[R]:
        wires = {name: column(query.meta.get_field(name)).wire for name in self._places}
        told = {wire: query.fixed[name] for name, wire in wires.items() if name in query.fixed}
        for record in page:
            record.absorb({**told, **record._row})
            yield record


def _shaped(query: Query, page: Iterable[Any]) -> list[Any]:
    if query.shape is None:
        return list(page)
    return list(map(query.shape.function(), page))

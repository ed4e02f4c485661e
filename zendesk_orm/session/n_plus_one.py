"""Detection of loops that request related rows one by one, and the call that avoids them."""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from attrs import evolve

from zendesk_orm.errors import LazyLoadRefused, NoEndpoint
from zendesk_orm.messages import display, with_article
from zendesk_orm.plan.planner import plan
from zendesk_orm.query.predicate import Condition, Predicate, conjoin, map_conditions
from zendesk_orm.query.query import Query
from zendesk_orm.schema.record import Record


if TYPE_CHECKING:
    from zendesk_orm.session.session import Session


#: Equal requests from the same line that count as a loop.
THRESHOLD = 10
_NO_REMEDY = "Zendesk has no request that reads several of them"
_PACKAGE = f"{__name__.partition('.')[0]}."


class NPlusOneWarning(UserWarning):
    """A loop fetches single rows that `select_related()` or `prefetch_related()` read at once."""


class NPlusOneDetector:
    """Counts requests for single objects, by their kind and by the line that caused them."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, int]] = Counter()

    def note(self, kind: str, remedy: Callable[[], str]) -> None:
        """Count a request; warn if it is the tenth of its kind from one line.

        Args:
            kind: the kind of the rows: `comments of a Ticket`.
            remedy: returns the call that fetches them together, `prefetch_related('users')`, or ""
                if Zendesk has no request for several of them; called for a warning only.
        """
        file, line = _caller()
        key = (kind, file, line)
        self._counts[key] += 1
        if self._counts[key] == THRESHOLD:
            call = remedy()
            advice = f"{call} reads them together" if call else _NO_REMEDY
            warnings.warn_explicit(
                f"{THRESHOLD} requests for {kind}, one by one, from this line; {advice}",
                NPlusOneWarning,
                file,
                line,
            )


def _caller() -> tuple[str, int]:
    """Return the file and line of the code that called the library."""
    frame = sys._getframe(1)
    while frame.f_back is not None and f"{frame.f_globals.get('__name__')}.".startswith(_PACKAGE):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


def below_parent(record: Record, where: Predicate) -> Predicate:
    """Return a condition with the other values that the path of a record contains: its parent."""
    meta, row = record._meta, record._row
    if meta.parent_keys:
        for name, value in meta.by_field_name(
            {wire: row.get(wire) for wire in meta.parent_keys}
        ).items():
            where = conjoin(Condition(name, "exact", value), where)
    return where


def can_read_together(record: Record) -> bool:
    """Return whether Zendesk has a request for several rows of the record's kind, by id."""
    where = below_parent(record, Condition("id", "in", _two_ids(record.pk)))
    return _has_endpoint(Query(type(record), where, together=True))


def prefetch_remedy(query: Query, name: str, by: str) -> str:
    """Return the call that reads a relation of many objects with fewer requests, or "".

    Args:
        query: reads the relation of one object.
        name: the relation.
        by: the relation back, by which the rows are found; "" if they are found otherwise.
    """
    # Rows that an object lists by their ids are read by ids for many objects, too.
    by = by or ("id" if query.id_order else "")

    def for_two(condition: Condition) -> Predicate:
        """Return the condition for two objects instead of one."""
        if condition.name != by or condition.value == ():
            return condition
        value = condition.value
        first = value[0] if isinstance(value, tuple) else value
        return Condition(by, "in", _two_ids(first))

    if by and by != "id" and by not in query.meta.relations:
        return ""
    together = evolve(query, where=map_conditions(query.where, for_two), id_order=())
    return f"prefetch_related({display(name)})" if not by or _has_endpoint(together) else ""


def _two_ids(pk: Any) -> tuple[Any, Any]:
    """Return an id and another one of its type."""
    return (pk, 0 if isinstance(pk, int) else "0")


def _has_endpoint(query: Query) -> bool:
    try:
        plan(query)
    except NoEndpoint:
        return False
    return True


def has_id_among(ids: Iterable[Any], like: Record | None) -> Predicate:
    """Return the condition for rows of ids, with the same parent as a record."""
    where = Condition("id", "in", tuple(dict.fromkeys(ids)))
    return where if like is None else below_parent(like, where)


def note_relation(session: Session, query: Query) -> None:
    """Note that the related rows of one object are read.

    Raises:
        LazyLoadRefused: the object came from a query that is strict.
    """
    if query.origin is not None:
        model, name, by = query.origin
        if query.strict:
            raise LazyLoadRefused(
                f"{name} of {with_article(model)} were not loaded, and strict_loading() forbids "
                f"a request for them; use prefetch_related({display(name)}) to load them with the "
                "query"
            )
        session.n_plus_one.note(
            f"the {name} of {with_article(model)}", lambda: prefetch_remedy(query, name, by)
        )

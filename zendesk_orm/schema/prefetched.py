"""Prefetched rows of relations to many, which a record stores.

A relation is any object with a `name`. If a field of the record holds the ids of the rows, the
relation's `ids` is the name of that field.
"""

from __future__ import annotations

from typing import Any


def keep(record: Any, relation: Any, rows: list[Any]) -> None:
    """Store the rows of a relation."""
    record._state.prefetched[relation.name] = (_ids(record, relation), rows)


def get_prefetched(record: Any, relation: Any) -> list[Any] | None:
    """Return the stored rows of a relation, or None.

    Rows are outdated if the ids in the record have changed since.
    """
    ids, rows = record._state.prefetched.get(relation.name, (None, None))
    return rows if ids == _ids(record, relation) else None


def through(record: Any, relation: Any) -> dict[str, Any]:
    """Return the fields of a query for a relation: its origin, and whether loading is strict."""
    return {
        "origin": (type(record).__name__, relation.name, getattr(relation, "relation", "")),
        "strict": getattr(record._source, "strict", False),
    }


def forget(record: Any, relation: Any) -> None:
    """Discard the stored rows of a relation."""
    record._state.prefetched.pop(relation.name, None)


def _ids(record: Any, relation: Any) -> list[Any]:
    return list(getattr(record, relation.ids) or ()) if hasattr(relation, "ids") else []

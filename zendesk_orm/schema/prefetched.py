"""Rows of a relation to many that were read along with a record, which keeps them.

A relation is anything with a `name`; where a record names the rows by their ids, the relation's
`ids` is the name of the field that holds those.
"""

from __future__ import annotations

from typing import Any


_PREFETCHED = "_prefetched"


def keep(record: Any, relation: Any, rows: list[Any]) -> None:
    """Let the record keep the rows of a relation."""
    record.__dict__.setdefault(_PREFETCHED, {})[relation.name] = (_ids(record, relation), rows)


def kept(record: Any, relation: Any) -> list[Any] | None:
    """Return the rows that the record keeps of a relation, or None.

    Where it names them by their ids, it has to name the same ones as then.
    """
    ids, rows = record.__dict__.get(_PREFETCHED, {}).get(relation.name, (None, None))
    return rows if ids == _ids(record, relation) else None


def through(record: Any, relation: Any) -> dict[str, Any]:
    """Return what a query says that reads a relation of a record: whose it is, and how strictly."""
    return {
        "origin": (type(record).__name__, relation.name, getattr(relation, "relation", "")),
        "strict": getattr(record._source, "strict", False),
    }


def forget(record: Any, relation: Any) -> None:
    """Let the record keep no rows of a relation any longer."""
    record.__dict__.get(_PREFETCHED, {}).pop(relation.name, None)


def _ids(record: Any, relation: Any) -> list[Any]:
    return list(getattr(record, relation.ids) or ()) if hasattr(relation, "ids") else []

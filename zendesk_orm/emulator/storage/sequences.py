"""Sequences of ids, after rows were inserted with explicit ids."""

from __future__ import annotations

from zendesk_orm.emulator.storage.store import FIRST_ID, Store
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Ticket


def name_sequence(meta: Options) -> str:
    """Return the name of the sequence of the ids of a model."""
    return "ticket" if meta.label == Ticket._meta.label else ""


def reserve_ids(store: Store, meta: Options, largest: int) -> None:
    """Let later rows of a model have ids that are larger than the largest of the inserted rows."""
    name = name_sequence(meta)
    # Ids below the first one cannot be generated.
    if name or largest >= FIRST_ID:
        store.execute(
            "INSERT INTO sequences VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = max(value, ?)",
            (name, largest, largest),
        )

"""Counters of contents: comments and followers."""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.schema.options import Options


def increment(context: Context, meta: Options, pk: Any, counter: str, step: int) -> None:
    """Add a number to a counter of a row, if the row exists and its model has the counter."""
    stored = context.store.get_row(meta.label, pk)
    if stored is not None and counter in stored.doc:
        row = {**stored.doc, counter: (stored.doc[counter] or 0) + step}
        context.write(meta, row, parent=stored.parent, state=stored.state)

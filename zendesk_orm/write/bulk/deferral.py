"""Bulk operations in a batch or a dry run: their changes are added to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zendesk_orm.errors import FieldError
from zendesk_orm.session.session import Session
from zendesk_orm.write.bulk.requests import BulkStrategy, Entry, build_requests
from zendesk_orm.write.change import bulk_change


def defer_changes(
    unit: Any,
    session: Session,
    model: Any,
    strategy: BulkStrategy,
    entries: Iterator[Entry],
    size: int,
) -> None:
    """Add the changes of a bulk operation to a batch or a dry run.

    Args:
        unit: the batch or the dry run.
        session: the session of the operation.
        model: the model of the objects.
        strategy: the way in which the objects are changed.
        entries: the objects.
        size: the most objects in one request.

    Raises:
        FieldError: in a batch, existing objects would have to be looked up first.
        InvalidValue: a batch cannot delay the action.
    """
    if not unit.is_dry_run:
        if strategy.call:
            unit.add_call(model, strategy.call, None)
        if strategy.filter is not None or not strategy.delayable:
            raise FieldError(
                "bulk_create() with conflicts must be called before or after a batch: it looks "
                "existing objects up at once, and a batch sends nothing before its end"
            )
    elif strategy.filter is not None:
        entries = (item for item in strategy.filter(entries) if isinstance(item, Entry))
    if strategy.call or not strategy.delayable:
        for request in build_requests(strategy, entries, size):
            unit.add_call(model, strategy.call or "create_or_update_many", request.request.json)
    else:
        for entry in entries:
            unit.add(bulk_change(strategy.action, entry.record, entry.payload), session)

"""Remote changes from the rows of exports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from zendesk_orm.messages import display
from zendesk_orm.schema.loading import load_datetime, load_int, unexpected_value
from zendesk_orm.session.responses import UNKNOWN, malformed
from zendesk_orm.support.custom_data.custom_objects import DELETED_VALUE
from zendesk_orm.support.tickets.comments import Comment
from zendesk_orm.support.tickets.history import read_changes, read_child_events, read_comments
from zendesk_orm.sync.changes import Kind, RemoteChange


_DELETED = "deleted"


def event_change(model: Any, row: Mapping[str, Any]) -> RemoteChange:
    """Return the change that an exported update of a ticket describes.

    Args:
        model: the model of the ticket.
        row: the row of a `TicketEvent`.

    Raises:
        MalformedResponse: the row has no ticket.
        UnexpectedValue: another value has a wrong type.
    """
    pk = row.get("ticket_id")
    if type(pk) is not int:
        raise malformed(UNKNOWN, f"an update has the ticket_id {display(pk)}")
    actor_id = row.get("updater_id")
    events = list(read_child_events(row))
    changes = read_changes(event for event in events if not event.is_first)
    kind: Kind = "created" if any(event.is_first for event in events) else "changed"
    if changes.get("status", (None, None))[1] == _DELETED:
        kind = "deleted"
    if kind == "changed" and (comment := _read_comment(row)) is not None:
        changes["comment"] = None, comment
    return RemoteChange(
        key=f"{model._meta.concrete._meta.label}:{pk}:audit:{row['id']}",
        model=model,
        pk=pk,
        kind=kind,
        source="export",
        moment=moment_of(row),
        changes=changes if kind == "changed" else {},
        actor_id=None if actor_id is None else load_int(actor_id),
        payload=row,
    )


def moment_of(row: Mapping[str, Any]) -> datetime:
    """Return when an update was made.

    Raises:
        UnexpectedValue: the row has no valid time.
    """
    if row.get("created_at"):
        return load_datetime(row["created_at"])
    stamp: Any = row.get("timestamp")
    try:
        return datetime.fromtimestamp(stamp, timezone.utc)
    except (TypeError, ValueError, OverflowError, OSError):
        raise unexpected_value(stamp, "datetime") from None


def _read_comment(row: Mapping[str, Any]) -> Comment | None:
    """Return the comment of an update, or None."""
    comments = read_comments(row)
    if not comments:
        return None
    return Comment.from_row({**comments[0], "ticket_id": row["ticket_id"]})


def row_change(model: Any, row: Mapping[str, Any], since: float) -> RemoteChange:
    """Return the change that an exported row stands for, without old values.

    Args:
        model: the model.
        row: the row.
        since: the time, in seconds since the epoch, up to which the export was read before: rows
            that were created later are new.
    """
    changed_at = row.get("updated_at") or row.get("created_at")
    created_at = row.get("created_at")
    kind: Kind = "changed"
    if is_deletion(row):
        kind = "deleted"
    elif created_at is not None and load_datetime(created_at).timestamp() >= since:
        kind = "created"
    return RemoteChange(
        key=f"{model._meta.concrete._meta.label}:{row['id']}:row:{changed_at}:{kind == _DELETED}",
        model=model,
        pk=row["id"],
        kind=kind,
        source="export",
        moment=None if changed_at is None else load_datetime(changed_at),
        payload=row,
    )


def is_deletion(row: Mapping[str, Any]) -> bool:
    """Return whether an exported row is that of a deleted object."""
    if row.get("status") == _DELETED or row.get("deleted") is True or row.get("deleted_at"):
        return True
    if row.get("name") == DELETED_VALUE and "custom_object_key" in row:
        return True
    # Deleted users are inactive.
    return row.get("active") is False and "role" in row

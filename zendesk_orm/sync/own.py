"""Recognizes changes that this account made itself, which are not announced.

If in doubt, a change is announced: a repeated announcement does less harm than a missing one.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from zendesk_orm.errors import ZendeskError
from zendesk_orm.http.request import Request
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.session.connection import Connection
from zendesk_orm.session.own_changes import OwnChange
from zendesk_orm.sync.changes import RemoteChange
from zendesk_orm.sync.facts import is_same_value, stream_of
from zendesk_orm.sync.webhooks.messaging_events import may_be_own, read_event_row


#: How often a webhook is compared with own writes, and the seconds in between.
_CHECKS, _PAUSE = 10, 0.02


def is_own(account: Connection, change: RemoteChange, since: float) -> bool:
    """Return whether the account made a change itself; arguments as `_is_noted()`.

    A webhook can arrive before another thread has processed the response to its save.
    """
    if _is_noted(account, change, since):
        return True
    user_id = account.main.own_changes.user_id
    is_others = user_id is not None and str(user_id) != str(change.actor_id)
    if stream_of(change) != "webhook" or is_others or not may_be_own(change):
        return False
    for _ in range(_CHECKS):
        # The time of the machine: a virtual clock does not let other threads work.
        time.sleep(_PAUSE)
        if _is_noted(account, change, since):
            return True
    return False


def _is_noted(account: Connection, change: RemoteChange, since: float) -> bool:
    """Return whether a write of the account that explains a change was noted.

    Args:
        account: the account.
        change: the change.
        since: the time, in seconds since the epoch, up to which exports were read before.
    """
    own_changes, stream = account.main.own_changes, stream_of(change)
    # Of rows below a parent, the key contains both ids.
    key = change.model._meta.key(read_event_row(change) or change.payload, change.pk)
    at = None if change.moment is None else change.moment.timestamp()
    if stream == "events" and own_changes.has_audit(change.payload.get("id")):
        return True
    writes = own_changes.of_row(change.model, key)
    if not writes or at is None:
        return False
    if change.kind == "deleted":
        return own_changes.is_own_deletion(change.model, key, at) and _is_own_user(account, change)
    if stream == "rows":
        updated_at = change.payload.get("updated_at")
        if own_changes.is_state_of_own_deletion(change.model, key, at):
            return _is_own_user(account, change)
        if isinstance(updated_at, str) and own_changes.wrote_state(
            change.model, key, updated_at, since
        ):
            return True
    elif stream == "webhook" and any(_is_result(write, change) for write in writes):
        return _is_own_user(account, change)
    sent = own_changes.sent_in_job(change.model, key, at, _new_values(change))
    return sent and _is_own_user(account, change)


def _is_result(write: OwnChange, change: RemoteChange) -> bool:
    """Return whether a change in a webhook is part of a write of this account."""
    if change.kind == "created" and write.before == {} and read_event_row(change) is not None:
        # Messages have no time of their last change.
        return True
    detail = change.payload.get("detail")
    updated_at = detail.get("updated_at") if isinstance(detail, Mapping) else None
    if write.updated_at is None or not isinstance(updated_at, str):
        return False
    if load_datetime(write.updated_at) != load_datetime(updated_at):
        return False
    if change.kind == "created":
        return write.before == {}
    after: Mapping[str, Any] = write.after or {}
    return all(
        wire in write.names or (wire in after and is_same_value(after[wire], new))
        for wire, new in _new_values(change).items()
    )


def _new_values(change: RemoteChange) -> dict[str, Any]:
    """Return the new values of a change by the keys of the row."""
    fields = change.model._meta.fields
    has_all = "custom_fields" in change.changes
    return {
        fields[name].wire if name in fields else name: new
        for name, (_, new) in change.changes.items()
        # Custom fields may be listed by their titles, too.
        if name in fields or not has_all
    }


def _is_own_user(account: Connection, change: RemoteChange) -> bool:
    """Return whether the user of the account made a change, as far as that is known."""
    if change.actor_id is None:
        return True
    own_changes = account.main.own_changes
    if own_changes.user_id is None:
        try:
            data = account.main.transport.send(Request("GET", "/api/v2/users/me")).data
            own_changes.user_id = data["user"]["id"]
        except (ZendeskError, KeyError, TypeError):
            return False
    return str(change.actor_id) == str(own_changes.user_id)

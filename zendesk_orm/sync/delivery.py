"""Delivers remote changes to the receivers of the signals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zendesk_orm import signals
from zendesk_orm.signals import announce
from zendesk_orm.sync.changes import RemoteChange


if TYPE_CHECKING:
    from zendesk_orm.session.connection import Connection


def deliver(account: Connection, change: RemoteChange) -> None:
    """Send the signal of a change: `remote_created`, `remote_changed` or `remote_deleted`.

    Args:
        account: the account of the row.
        change: the change.
    """
    values: dict[str, Any] = {
        "instance": change.instance,
        "origin": "remote",
        "using": account.alias,
        "change": change,
    }
    if change.kind == "deleted":
        announce(signals.remote_deleted, change.model, **values)
        return
    created = change.kind == "created"
    signal = signals.remote_created if created else signals.remote_changed
    announce(signal, change.model, created=created, changes=dict(change.changes), **values)

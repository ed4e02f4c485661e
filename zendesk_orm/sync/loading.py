"""`ChangeLoader`: the objects of exported changes, many of which are loaded by one request."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from attrs import define, evolve

from zendesk_orm.session.connection import Connection
from zendesk_orm.support.organizations.organizations import Organization
from zendesk_orm.sync.changes import RemoteChange
from zendesk_orm.sync.live_rows import live_rows_of
from zendesk_orm.sync.receivers import build_instance, find_listeners, signal_of


@define(eq=False)
class ChangeLoader:
    """Loads the objects of changes if receivers are connected.

    Attributes:
        account: the account.
        active: returns the context of a request, which stops with the watcher.
        echo: whether own changes are announced, too.
    """

    account: Connection
    active: Callable[[], AbstractContextManager[Any]]
    echo: bool = False

    def load(self, changes: list[RemoteChange]) -> list[RemoteChange]:
        """Return changes with their objects, which are loaded together."""
        if not any(signal_of(change).receivers for change in changes):
            return changes
        changes = self._with_tickets(self._mark_deleted(changes))
        return [self._with_row(change) for change in changes]

    def _mark_deleted(self, changes: list[RemoteChange]) -> list[RemoteChange]:
        """Return changes of organizations, those of deleted ones as deletions.

        The export contains deleted organizations like changed ones.
        """
        ids = {
            change.pk: None
            for change in changes
            if change.model._meta.concrete is Organization and change.kind != "deleted"
        }
        if not ids:
            return changes
        with self.active():
            rows = self.account.current().fetch_rows(changes[0].model, list(ids))
        existing = {row["id"] for row in rows}
        return [
            change
            if change.pk in existing or change.pk not in ids
            else evolve(change, kind="deleted", changes={})
            for change in changes
        ]

    def _with_row(self, change: RemoteChange) -> RemoteChange:
        """Return a change of an exported row with the object of the row."""
        if change.instance is not None or change.payload.get("id") != change.pk:
            return change
        if change.kind == "deleted":
            key = change.model._meta.key(change.payload, change.pk)
            self.account.current().forget(change.model, key)
            return evolve(change, instance=build_instance(self.account, change, deleted=True))
        row = dict(change.payload)
        self.account.changes.note(change.model, row)
        return evolve(change, instance=self.account.current().materialize(change.model, [row])[0])

    def _with_tickets(self, changes: list[RemoteChange]) -> list[RemoteChange]:
        """Return changes with their tickets, a hundred of which are read by one request."""
        own_changes = self.account.own_changes
        needed = {
            change.pk: None
            for change in changes
            if change.instance is None
            and change.kind != "deleted"
            and change.payload.get("id") != change.pk
            and (self.echo or not own_changes.has_audit(change.payload.get("id")))
            and find_listeners(change)
        }
        if not needed:
            return changes
        for change in changes:
            if change.pk in needed:
                # A row that was cached before the change is not what receivers get.
                live_rows_of(self.account).outdate(self.account, change)
        with self.active():
            records = self.account.current().get_many(changes[0].model, list(needed))
        by_id = {record.pk: record for record in records}
        return [
            evolve(change, instance=self._find(by_id, change)) if change.pk in needed else change
            for change in changes
        ]

    def _find(self, records: dict[Any, Any], change: RemoteChange) -> Any:
        record = records.get(change.pk)
        if record is None:
            # It was deleted meanwhile.
            return build_instance(self.account, change, deleted=True)
        return record

"""The rows that a transaction has changed, from which the events of webhooks are built."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from attrs import field, frozen

from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import DELETED, Store, StoredRow


#: Models whose rows have events.
OBSERVED = frozenset(
    {
        "support.Ticket",
        "support.Comment",
        "support.User",
        "support.UserIdentity",
        "support.GroupMembership",
        "support.OrganizationMembership",
        "support.Organization",
        "help_center.Article",
        "help_center.ArticleComment",
        "help_center.Post",
        "help_center.PostComment",
        "help_center.Vote",
        "help_center.Subscription",
    }
)
_WEBHOOK = "support.Webhook"
_LISTENING = Where(
    f"state < ? AND {json_value('status')} = 'active' AND instr(doc, '\"zen:event-type')",
    (DELETED,),
)


@frozen
class Change:
    """A row before and after it was written.

    Attributes:
        kind: the label of its model.
        before: the row before, also if it was deleted; None if it is new.
        after: the row after; None if it was deleted permanently.
        event: the name of the event, if the rows do not show it.
        values: the values of that event.
    """

    kind: str
    before: StoredRow | None
    after: StoredRow | None
    event: str = ""
    values: Mapping[str, Any] = field(factory=dict)


class Changes:
    """The changes of the current transaction.

    They are recorded only if there is a webhook that is subscribed to events.

    Args:
        store: the rows of the account.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changes: list[Change] = []
        self._is_listening: bool | None = None
        self._is_paused = False

    def clear(self) -> None:
        """Forget all changes, at the start of a transaction."""
        self._changes.clear()
        self._is_listening = None

    @contextmanager
    def pause(self) -> Generator[None]:
        """Return a context manager in which no changes are recorded."""
        before, self._is_paused = self._is_paused, True
        try:
            yield
        finally:
            self._is_paused = before

    @contextmanager
    def undo_on_error(self) -> Generator[None]:
        """Return a context manager whose changes are forgotten if it raises."""
        number = len(self._changes)
        try:
            yield
        except BaseException:
            del self._changes[number:]
            self._is_listening = None
            raise

    def take(self) -> list[Change]:
        """Return the changes, and forget them."""
        changes = list(self._changes)
        self.clear()
        return changes

    def record(self, row: StoredRow) -> None:
        """Record a row that is about to be written."""
        if row.kind in OBSERVED and self._listens():
            before = self._store.find_row(row.kind, row.id)
            before = before or self._store.get_row(row.kind, row.id)
            self._changes.append(Change(row.kind, before, row))
        elif row.kind == _WEBHOOK:
            self._is_listening = None

    def record_event(self, row: StoredRow, event: str, values: Mapping[str, Any]) -> None:
        """Record an event of a row that does not follow from its values."""
        if self._listens():
            self._changes.append(Change(row.kind, row, row, event, values))

    def record_drop(self, kind: str, pk: object) -> None:
        """Record a row that is about to be deleted permanently."""
        if self._listens():
            self._changes.append(Change(kind, self._store.find_row(kind, pk), None))

    def _listens(self) -> bool:
        """Return whether changes are recorded, because a webhook is subscribed to events."""
        if self._is_paused:
            return False
        if self._is_listening is None:
            self._is_listening = bool(self._store.count(_WEBHOOK, _LISTENING))
        return self._is_listening

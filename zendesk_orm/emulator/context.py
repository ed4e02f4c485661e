"""State shared by all parts of the emulator: rows, clock, switches, authenticated user."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any

from zendesk_orm.emulator.control.clocks import RunningClock
from zendesk_orm.emulator.server.ignored import IgnoredParts
from zendesk_orm.emulator.storage.changes import Changes
from zendesk_orm.emulator.storage.generating_store import GeneratingStore
from zendesk_orm.emulator.storage.store import ALIVE, StoredRow
from zendesk_orm.emulator.storage.words import collect_words
from zendesk_orm.emulator.switches import Switches
from zendesk_orm.emulator.webhooks.outbox import Outbox
from zendesk_orm.http.clock import Clock, VirtualClock
from zendesk_orm.schema.options import Options


#: Seconds between the creation of an account and its first automations.
_HOUR = 3_600
_TICKET = "support.Ticket"
_TIMESTAMP = re.compile(r"[\d-]{10}T[\d:]{8}Z")
#: The first and the last second of the calendar, in seconds since the epoch.
_MIN_TIME, _MAX_TIME = 0.0, 253_402_300_799.0


class Context:
    """The account and the authenticated user of a request.

    Args:
        store: the rows of the account.
        clock: the time of the account.
        switches: the behaviour of the account.

    Attributes:
        owner_id: the id of the account's owner.
        brand_id: the id of the brand of new tickets.
        user_id: the id of the authenticated user.
        app_id: the id of the app of Sunshine Conversations in the path of the request, or "".
        ignored: the ignored parts of the requests.
        changes: the rows that the current transaction has written, if webhooks listen to them.
        written: label and id of the rows that the current transaction has written.
        outbox: the requests that webhooks have to send.
        runs_rules: whether triggers and SLA policies apply to tickets that are written.
        automations_due_at: the time of the next automations, in seconds since the epoch.
        aged_at: the time until which tickets were closed, archived and deleted because of their
            age. Tickets that were old enough when the emulator was started remain as they are.
    """

    def __init__(self, store: GeneratingStore, clock: Clock, switches: Switches) -> None:
        self.store = store
        self.clock = clock
        self.switches = switches
        self.owner_id: int = 0
        self.brand_id: int | None = None
        self.user_id: int = 0
        self.app_id = ""
        self.ignored = IgnoredParts()
        self.changes = Changes(store)
        self.written: set[tuple[str, Any]] = set()
        self.outbox = Outbox()
        self.runs_rules = True
        self.automations_due_at = clock.now() + _HOUR
        self.aged_at = clock.now()
        self._backdated_to: float | None = None

    def now(self) -> float:
        """Return the current time, in seconds since the epoch."""
        return self.clock.now()

    def timestamp(self, seconds: float | None = None) -> str:
        """Return a time, by default the current one, in the format of Zendesk."""
        if seconds is None:
            seconds = self.now() if self._backdated_to is None else self._backdated_to
        return format_timestamp(seconds)

    def advance_past(self, timestamp: str) -> None:
        """Advance the clock until its second is later than a timestamp.

        Without this, safe updates would not detect an update within the same second. At Zendesk
        they do not detect it; `updates_share_seconds=True` emulates that.
        """
        clock = self.clock
        if self._backdated_to is not None or self.switches.updates_share_seconds:
            return
        while isinstance(clock, (RunningClock, VirtualClock)) and timestamp >= self.timestamp():
            clock.finish_second()

    @contextmanager
    def backdate(self, seconds: float) -> Generator[None]:
        """Return a context manager in which rows are written with an earlier timestamp."""
        before, self._backdated_to = self._backdated_to, seconds
        try:
            yield
        finally:
            self._backdated_to = before

    @contextmanager
    def without_rules(self) -> Generator[None]:
        """Return a context manager in which no triggers and SLA policies apply, as to imports."""
        before, self.runs_rules = self.runs_rules, False
        try:
            yield
        finally:
            self.runs_rules = before

    @contextmanager
    def savepoint(self) -> Generator[None]:
        """Return a context manager whose changes, also for webhooks, are undone by an exception."""
        written, staged = set(self.written), len(self.outbox.staged)
        with self.changes.undo_on_error():
            try:
                with self.store.savepoint():
                    yield
            except BaseException:
                self.written = written
                del self.outbox.staged[staged:]
                raise

    def _advance_updated_at(self, meta: Options, pk: Any, doc: dict[str, Any]) -> None:
        """Give a row that is changed a later `updated_at`, unless the caller has done so.

        Zendesk does not change that of a ticket if no event is added to the ticket.
        """
        stamp, key = doc.get("updated_at"), (meta.label, pk)
        if not isinstance(stamp, str) or not _TIMESTAMP.fullmatch(stamp) or key in self.written:
            return
        before = self.store.get(*key)
        if before == doc:
            return
        self.written.add(key)
        if before is None or before.get("updated_at") != stamp:
            return
        if meta.label != _TICKET or stamp == self.timestamp():
            self.advance_past(stamp)
            doc["updated_at"] = max(stamp, self.timestamp())

    def write(
        self,
        meta: Options,
        doc: dict[str, Any],
        *,
        parent: Any = None,
        state: int = ALIVE,
        words: str | None = None,
    ) -> None:
        """Insert or replace a row.

        If it has the `updated_at` of the row before, it gets a later one.

        Args:
            meta: the options of its model.
            doc: the row.
            parent: the id of a row that it belongs to without naming it.
            state: `ALIVE`, `ARCHIVED` or `DELETED`.
            words: the words that search looks through; by default those of its text fields.
        """
        text = collect_words(doc) if words is None else words
        pk = doc[meta.pk_key] if meta.pk_key else meta.singular
        self._advance_updated_at(meta, pk, doc)
        row = StoredRow(meta.label, pk, doc, text, parent, state)
        self.store.version_seconds = self.switches.index_lag
        self.changes.record(row)
        self.store.put([row], self.now())


def format_timestamp(seconds: float) -> str:
    """Return a time in the format of Zendesk: `2026-01-31T12:00:00Z`.

    Times outside the calendar become its first or last second.
    """
    seconds = min(max(seconds, _MIN_TIME), _MAX_TIME)
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

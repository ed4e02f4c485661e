"""`Watcher`: polls incremental exports and delivers their changes."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from attrs import define

from zendesk_orm import log
from zendesk_orm.errors import (
    InvalidValue,
    MalformedResponse,
    RateLimited,
    ServerError,
    TransportError,
)
from zendesk_orm.http.clock import CURRENT_OPERATION, Cancellation, Clock, OperationCancelled
from zendesk_orm.http.values import require_bool
from zendesk_orm.messages import display
from zendesk_orm.query.checkpoint import Checkpoint
from zendesk_orm.queryset.checkpoints import CheckpointStore
from zendesk_orm.schema.arguments import require_model, require_text
from zendesk_orm.schema.values import aware
from zendesk_orm.session.connection import Connection
from zendesk_orm.support.ticket_management.ticket_events import TicketEvent
from zendesk_orm.support.tickets.tickets import Ticket
from zendesk_orm.sync.changes import RemoteChange
from zendesk_orm.sync.checkpoints import MemoryCheckpointStore
from zendesk_orm.sync.deliveries import Deliveries, deliveries_of
from zendesk_orm.sync.delivery import find_account
from zendesk_orm.sync.export_changes import event_change, row_change
from zendesk_orm.sync.facts import touch_name
from zendesk_orm.sync.feeds import DELAY, Feed, FeedPage
from zendesk_orm.sync.former_rows import FormerRows
from zendesk_orm.sync.loading import ChangeLoader
from zendesk_orm.sync.receivers import connect_receivers, require_receivers


#: Seconds between two rounds, for one export and for each one.
_MIN_INTERVAL, _SECONDS_PER_EXPORT = 30.0, 10.0
#: Seconds before the first repetition after a failure, and at most.
_FIRST_DELAY, _MAX_DELAY = 1.0, 300.0
#: Seconds before the minute that exports withhold, because clocks differ.
_MARGIN = 1.0
#: Seconds by which the time of a row may differ from that of its last update.
_TOUCH_SECONDS = 2.0
#: Seconds by which clocks may differ: rows that changed earlier were changed by the system.
_SKEW = 3600.0
#: Rows that are loaded together for their changes.
_TOGETHER = 100
_TEMPORARY = (TransportError, RateLimited, ServerError, MalformedResponse)

_logger = log.child("sync")


@define(eq=False)
class _Export:
    """An export, and how far it was read.

    Attributes:
        feed: the export.
        name: the name of its checkpoint.
        model: the model whose changes it contains.
        place: the place of the next page: a checkpoint, or a time in seconds since the epoch.
        since: the time, in seconds since the epoch, up to which it was read.
        start: the time at which reading began without a checkpoint; 0 if there was one.
    """

    feed: Feed
    name: str
    model: Any
    place: Checkpoint | float
    since: float
    start: float = 0.0


class Watcher:
    """Polls the incremental exports of models, and sends signals for the changes of others.

    >>> account.transport.clock.sleep(90)
    >>> watcher = Watcher(Ticket)
    >>> _ = account.raw.put("/api/v2/tickets/2990", {"ticket": {"priority": "urgent"}})
    >>> account.transport.clock.sleep(90)
    >>> watcher.poll()
    1

    Args:
        models, account, and the others: see `watch()`.

    Attributes:
        account: the account.
        interval: the seconds between two rounds.
        delivered: the number of changes that were announced.
        lag: the seconds between now and the time up to which all changes are known.
    """

    def __init__(
        self,
        *models: Any,
        account: Connection | str | None = None,
        since: datetime | timedelta | None = None,
        checkpoints: CheckpointStore | None = None,
        interval: float | None = None,
        receivers: Iterable[Callable[..., Any]] = (),
        echo: bool = False,
        name: str = "watch",
    ) -> None:
        if not models:
            raise InvalidValue("watch() needs models, as in watch(Ticket, User)")
        self.account: Connection = find_account(account)
        self._models = [require_model("watch(), each argument,", model) for model in models]
        self._clock: Clock = self.account.transport.clock
        self._checkpoints = _require_store(checkpoints)
        self._echo, self._name = require_bool("echo", echo), require_text("name", name)
        self._receivers = require_receivers(receivers)
        start = self._find_start(since)
        # A model and its proxies have the same rows.
        watched = {Feed.of(model).name: model for model in reversed(self._models)}
        self._exports = [
            export
            for model in dict.fromkeys(self._models)
            if watched[Feed.of(model).name] is model
            for export in self._open(model, start)
        ]
        self.interval = self._check_interval(interval)
        self.delivered = 0
        self._operation = Cancellation()
        self._deliveries: Deliveries = deliveries_of(self.account)
        self._loader = ChangeLoader(self.account, self._operation.active, echo=echo)
        self._former = FormerRows(self.account)

    def __repr__(self) -> str:
        names = ", ".join(model._meta.object_name for model in self._models)
        return f"<{type(self).__name__} of {names}: {self.delivered} changes>"

    @property
    def lag(self) -> float:
        """Seconds between now and the time up to which all changes are known."""
        return self._clock.now() - min(export.since for export in self._exports)

    def _find_start(self, since: Any) -> float:
        """Return the time at which watching begins without a checkpoint."""
        now = self._clock.now()
        latest = now - DELAY - _MARGIN
        if since is None:
            return latest
        is_delta = isinstance(since, timedelta)
        start = now - since.total_seconds() if is_delta else aware(since).timestamp()
        if start > now:
            raise InvalidValue(f"since must be in the past, not {display(since)}")
        return min(start, latest)

    def _check_interval(self, interval: Any) -> float:
        if interval is None:
            return max(_MIN_INTERVAL, _SECONDS_PER_EXPORT * len(self._exports))
        is_number = isinstance(interval, (int, float)) and not isinstance(interval, bool)
        if not is_number or not 0 < interval < math.inf:
            raise InvalidValue(f"interval must be seconds, such as 30, not {display(interval)}")
        return float(interval)

    def _open(self, model: Any, start: float) -> Iterator[_Export]:
        """Yield the exports of a model, at their checkpoints."""
        if model._meta.concrete is Ticket:
            events = Feed.of(TicketEvent, include="comment_events")
            yield self._restore(events, model, f"{self._name}.TicketEvent", start)
        feed = Feed.of(model)
        yield self._restore(feed, model, f"{self._name}.{feed.name}", start)

    def _restore(self, feed: Feed, model: Any, name: str, start: float) -> _Export:
        place = self._checkpoints.load(name)
        since = deliveries_of(self.account).announced.get_time(f"read:{name}")
        if place is None:
            return _Export(feed, name, model, start, start, float(int(start)))
        return _Export(feed, name, model, place, start if since is None else since)

    # -- one round -----------------------------------------------------------

    def poll(self) -> int:
        """Read the changes until now once, deliver them, and return the number of announced ones.

        Raises:
            ApiError, TransportError: an export could not be read; the next call continues.
        """
        with connect_receivers(self._receivers, self._models):
            return self._poll()

    def _poll(self) -> int:
        """Poll once, while the receivers are connected; see `poll()`."""
        before, horizon = self.delivered, None
        self._deliveries.run_due(self.account)
        for export in self._exports:
            if export.feed.model is TicketEvent:
                self._read(export, None)
                horizon = export.since
            else:
                self._read(export, horizon if export.model._meta.concrete is Ticket else None)
        return self.delivered - before

    def _read(self, export: _Export, horizon: float | None) -> None:
        """Read an export to its end, a page at a time.

        Args:
            export: the export.
            horizon: the time up to which the export of ticket events was read, for rows of tickets.
        """
        until = self._clock.now() - DELAY - _MARGIN
        # A clock that was set back must not put the start into the future.
        place = export.place
        place = place if isinstance(place, Checkpoint) else min(place, self._clock.now() - _MARGIN)
        pages = export.feed.read(self.account, place)
        while True:
            with self._operation.active():
                page = next(pages, None)
            if page is None:
                break
            if not self._deliver_page(export, page, horizon):
                return
            if page.checkpoint is not None and page.checkpoint != export.place:
                self._checkpoints.save(export.name, page.checkpoint)
                export.place = page.checkpoint
        export.since = max(export.since, until if horizon is None else min(until, horizon))
        self._deliveries.announced.set_time(f"read:{export.name}", export.since)

    def _deliver_page(self, export: _Export, page: FeedPage, horizon: float | None) -> bool:
        """Deliver the changes of a page; return False if it contains rows that have to wait."""
        changes, is_complete = self._build(export, page.rows, horizon)
        earlier = self._deliveries.announced.find_repeats([c.key for c in changes])
        changes = [change for change in changes if change.key not in earlier]
        for start in range(0, len(changes), _TOGETHER):
            part = self._loader.load(changes[start : start + _TOGETHER])
            for change in part:
                self._check_stop()
                self._deliver(export, change)
                self._deliveries.run_due(self.account)
        return is_complete

    def _deliver(self, export: _Export, change: RemoteChange) -> None:
        self.delivered += self._deliveries.deliver(
            self.account, change, echo=self._echo, since=export.since
        )

    def _build(
        self, export: _Export, rows: Sequence[dict[str, Any]], horizon: float | None
    ) -> tuple[list[RemoteChange], bool]:
        """Return the changes of rows, and whether none of them has to wait."""
        if export.feed.model is TicketEvent:
            return [event_change(export.model, row) for row in rows], True
        changes, is_complete = [], True
        for row in rows:
            change = row_change(export.model, row, self._find_creation(export, row))
            change = self._former.compare(change)
            moment = 0.0 if change.moment is None else change.moment.timestamp()
            if horizon is not None and moment > horizon:
                # Its events come first.
                is_complete = False
            elif self._is_new(export, change, moment):
                changes.append(change)
        return changes, is_complete

    def _find_creation(self, export: _Export, row: dict[str, Any]) -> float:
        """Return the time from which on a row must have been created to be announced as new."""
        fact = f"{export.model._meta.concrete._meta.label}:{row.get('id')}:created"
        if self._deliveries.announced.latest(fact) is not None:
            return math.inf
        return max(export.since - _SKEW, export.start)

    def _is_new(self, export: _Export, change: RemoteChange, moment: float) -> bool:
        """Return whether a row has changed without an event that was announced."""
        if moment < max(export.since - _SKEW, export.start):
            # A change by the system, or one from before the beginning.
            return False
        if change.kind == "deleted":
            return True
        touched = self._deliveries.announced.get_time(touch_name(change))
        return touched is None or moment > touched + _TOUCH_SECONDS

    # -- the loop ------------------------------------------------------------

    def run(self, stop: threading.Event | None = None) -> None:
        """Poll until an event is set; see `watch()`."""
        if stop is not None and not hasattr(stop, "is_set"):
            raise InvalidValue(f"stop must be a threading.Event, not {display(stop)}")
        self._operation = Cancellation(event=stop)
        self._loader.active = self._operation.active
        outer = CURRENT_OPERATION.get()
        if outer is not None:
            outer.add(self._operation)
        self._deliveries.watchers += 1
        try:
            with connect_receivers(self._receivers, self._models):
                self._log_start()
                self._loop()
        except OperationCancelled:
            if outer is not None and outer.is_cancelled:
                raise
        finally:
            self._deliveries.watchers -= 1
            _logger.info("%s: watching has ended; %d changes", self.account.alias, self.delivered)

    def stop(self) -> None:
        """End `run()` after the current change."""
        self._operation.cancel()

    def _loop(self) -> None:
        delay = 0.0
        while not self._operation.is_cancelled:
            delay = self._try_to_poll(delay)
            self._wait(delay or self.interval)

    def _try_to_poll(self, delay: float) -> float:
        """Poll once; return the seconds to wait after a failure, or 0.

        Args:
            delay: the seconds that were waited after the failure before; 0 if there was none.
        """
        try:
            count = self._poll()
        except _TEMPORARY as error:
            delay = min(max(2 * delay, _FIRST_DELAY), _MAX_DELAY)
            text = "%s: changes cannot be read (%s: %s); trying again in %.0f s, lag %.0f s"
            values = self.account.alias, type(error).__name__, error, delay, self.lag
            _logger.warning(text, *values)
            return delay
        text = "%s: %d changes announced; waits %.0f s, lag %.0f s"
        _logger.info(text, self.account.alias, count, self.interval, self.lag)
        return 0.0

    def _wait(self, seconds: float) -> None:
        """Wait, and make the attempts of receivers that become due."""
        until = self._clock.now() + seconds
        while not self._operation.is_cancelled and (remaining := until - self._clock.now()) > 0:
            due_at = self._deliveries.next_due()
            if due_at is not None:
                remaining = min(remaining, max(due_at - self._clock.now(), 0.0))
            self._operation.wait(self._clock, remaining)
            if due_at is not None and not self._operation.is_cancelled:
                self._deliveries.run_due(self.account)

    def _check_stop(self) -> None:
        if self._operation.is_cancelled:
            raise OperationCancelled

    def _log_start(self) -> None:
        names = ", ".join(model._meta.object_name for model in self._models)
        text = "%s: watching %s every %.0f s; lag %.0f s"
        _logger.info(text, self.account.alias, names, self.interval, self.lag)


def _require_store(store: Any) -> Any:
    """Return a store of checkpoints; by default one in memory.

    Raises:
        InvalidValue: the store lacks a method.
    """
    if store is None:
        return MemoryCheckpointStore()
    if isinstance(store, type) or not isinstance(store, CheckpointStore):
        raise InvalidValue(
            "checkpoints must be a store with load(), save() and delete(), such as "
            f"FileCheckpointStore('watch.json'), not {display(store)}"
        )
    return store

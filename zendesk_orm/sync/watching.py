"""`watch()`: sends signals for the changes that others make, until it is stopped."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypedDict

from zendesk_orm import log
from zendesk_orm.http.annotations import Unpack
from zendesk_orm.queryset.checkpoints import CheckpointStore
from zendesk_orm.session.connection import Connection
from zendesk_orm.session.threads import run_in_thread
from zendesk_orm.sync.announced import AnnouncedStore
from zendesk_orm.sync.checkpoints import SQLiteCheckpointStore
from zendesk_orm.sync.dead_letters import DeadLetterStore
from zendesk_orm.sync.delivery import configure_delivery
from zendesk_orm.sync.receivers import ReceiverPolicy
from zendesk_orm.sync.watcher import Watcher


_logger = log.child("sync")


class WatchOptions(TypedDict, total=False):
    """The options of `watch()`.

    Attributes:
        account: the account, or its alias; the default account if None.
        since: the moment to begin at without a checkpoint: an aware datetime, or a `timedelta`
            before now; by default now, so that earlier changes are not announced.
        checkpoints: a store for the places up to which the exports were read; by default in memory.
        interval: the seconds between two rounds; by default 30, or more for many models.
        receivers: functions that are connected to the signals of the models in the meantime.
        echo: announce the changes that this account made, too.
        name: the start of the names of the checkpoints.
        state: a SQLite file for the places, the announced changes, the writes of this program and
            the dead letters, so that watching continues after the process has ended.
        policy, announced, dead_letters: see `configure_delivery()`.
    """

    account: Connection | str | None
    since: datetime | timedelta | None
    checkpoints: CheckpointStore | None
    interval: float | None
    receivers: Iterable[Callable[..., Any]]
    echo: bool
    name: str
    state: str | os.PathLike[str] | None
    policy: ReceiverPolicy | None
    announced: AnnouncedStore | None
    dead_letters: DeadLetterStore | None


def watch(
    *models: Any, stop: threading.Event | None = None, **options: Unpack[WatchOptions]
) -> None:
    """Poll for the changes that others make, and send signals for them, until it is stopped.

    >>> import threading
    >>> account.transport.clock.sleep(61)  # The rows of the demo were made just now.
    >>> stop = threading.Event()
    >>> @receiver([post_save, remote_changed], sender=Ticket)
    ... def stop_after_a_change(sender, instance, changes, origin, **kwargs):
    ...     print(origin, instance.pk, changes)
    ...     stop.set()
    >>> _ = account.raw.put("/api/v2/tickets/2990", {"ticket": {"priority": "urgent"}})
    >>> watch(Ticket, checkpoints=MemoryCheckpointStore(), stop=stop)
    remote 2990 {'priority': ('high', 'urgent')}

    It reads Zendesk's incremental exports, in which a change appears after a minute: two requests a
    round for tickets, and one for each other model; Zendesk accepts ten a minute from all programs
    of the account. `changes` has the old and the new values; of other models than tickets, it is {}
    if the watcher has not read the row before. Changes that this account made are not announced.
    Each change is announced at least once, and in the order of the changes of its row; its place is
    stored when all receivers were called.

    Failures of requests are logged, and repeated without end. SIGINT and SIGTERM stop it after the
    current change.

    Args:
        models: the models, such as `Ticket` and `User`.
        stop: an event that stops it.
        options: see `WatchOptions`.

    Raises:
        InvalidValue: Zendesk has no export of a model, or an argument is invalid.
        ApiError: an export was rejected for good, as for lack of permission.

    Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/
    """
    run_watcher(build_watcher(models, options), stop)


async def awatch(
    *models: Any, stop: threading.Event | None = None, **options: Unpack[WatchOptions]
) -> None:
    """Call `watch()` in a thread, for asyncio; cancel the task to stop it after the current change.

    >>> import asyncio
    >>> async def main():
    ...     task = asyncio.create_task(awatch(Ticket))
    ...     await asyncio.sleep(0.01)
    ...     task.cancel()
    ...     await asyncio.wait([task])
    ...     return task.cancelled()
    >>> asyncio.run(main())
    True

    Receivers run in the thread. Signals of the operating system are left to the program.

    Args:
        models, stop, options: see `watch()`.

    Raises:
        InvalidValue, ApiError: see `watch()`.
    """
    watcher = build_watcher(models, options)
    await run_in_thread(watcher.account.current(), watcher.run, stop)


def build_watcher(models: tuple[Any, ...], options: WatchOptions) -> Watcher:
    """Return the watcher of some options, after its account was configured.

    Raises:
        InvalidValue: see `watch()`.
    """
    values: dict[str, Any] = dict(options)
    keys = ("policy", "announced", "dead_letters", "state")
    delivery = {key: values.pop(key, None) for key in keys}
    # Before the watcher, which reads the times that were announced.
    configure_delivery(values.get("account"), **delivery)
    if delivery["state"] is not None and values.get("checkpoints") is None:
        values["checkpoints"] = SQLiteCheckpointStore(delivery["state"])
    return Watcher(*models, **values)


def run_watcher(watcher: Watcher, stop: threading.Event | None = None) -> None:
    """Run a watcher until an event is set, or a signal is received; see `watch()`."""
    event = threading.Event() if stop is None else stop
    with _stop_on_signals(event):
        watcher.run(event)


@contextmanager
def _stop_on_signals(event: threading.Event) -> Generator[None]:
    """Set an event on the first SIGINT or SIGTERM; the second one has its usual effect."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[int, Any] = {}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)
        before.clear()

    def handle(number: int, _: Any) -> None:
        _logger.info("received %s; stopping", signal.Signals(number).name)
        event.set()
        restore()

    for number in (signal.SIGINT, signal.SIGTERM):
        handler = signal.getsignal(number)
        if handler is not None:
            before[number] = handler
            signal.signal(number, handle)
    try:
        yield
    finally:
        restore()

"""Types of watched changes. Checked, never run."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from typing_extensions import assert_type

from zendesk_orm import (
    DeadLetter,
    DeadLetters,
    HistoryEntry,
    MemoryAnnounced,
    MemoryCheckpointStore,
    MemoryDeadLetters,
    ReceiverPolicy,
    RemoteChange,
    ReplayedChange,
    Ticket,
    User,
    Watcher,
    configure_delivery,
    connect,
    dead_letters,
    deliver,
    replay,
    watch,
)


account = connect()
watch(
    Ticket,
    User,
    account=account,
    since=timedelta(hours=1),
    checkpoints=MemoryCheckpointStore(),
    announced=MemoryAnnounced(),
    dead_letters=MemoryDeadLetters(),
    policy=ReceiverPolicy(attempts=3, delays=(1, 60)),
    stop=threading.Event(),
)
assert_type(Watcher(Ticket, interval=60).poll(), int)
assert_type(dead_letters("emea"), DeadLetters)
assert_type(list(dead_letters()), list[DeadLetter])
assert_type(next(iter(dead_letters())).change, RemoteChange)
configure_delivery(account, policy=ReceiverPolicy(max_updates=10))
change = RemoteChange("a1", Ticket, 5, "changed", "webhook")
assert_type(deliver(account, change, echo=True), bool)
assert_type(replay(timedelta(days=1), []), list[ReplayedChange])

ticket = Ticket.objects.get(1)
assert_type(ticket.history(), list[HistoryEntry])
assert_type(ticket.as_of(datetime.now().astimezone()), Ticket)

"""Hours of `watch()` while requests and receivers fail; run by `scripts/watching`.

Another client creates, changes, merges, deletes and restores tickets. Fails if a change is not
announced, or is announced twice, or if more than ten exports a minute are requested.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path

from attrs import define, field

from zendesk_orm import (
    Account,
    Comment,
    ReceiverPolicy,
    RetryPolicy,
    SQLiteAnnounced,
    SQLiteCheckpointStore,
    SQLiteDeadLetters,
    Ticket,
    receiver,
    remote_changed,
    remote_created,
    remote_deleted,
    request_started,
    watch,
)
from zendesk_orm.emulator import Emulator, Fault
from zendesk_orm.sync.deliveries import deliveries_of


#: The failures of requests, as in `long_loop.py`.
KINDS = (
    {"status": 429, "headers": {"Retry-After": "7"}},
    {"status": 500},
    {"status": 503, "headers": {"Retry-After": "3"}},
    {"disconnect": True},
    {"truncate": True},
)
PRIORITIES = ("low", "normal", "high", "urgent")
#: Seconds between two changes of the other client, on average.
PERIOD = 60.0
#: Seconds after the last change until everything was announced.
REST = 3600.0
#: Zendesk accepts as many requests for exports in a minute.
MAX_EXPORTS = 10


class Interrupt(BaseException):
    """Ends `watch()` in the middle of a receiver."""


@define(eq=False)
class OtherClient:
    """A client that changes tickets at random, and counts the facts of its changes."""

    tickets: object
    emulator: Emulator
    random: random.Random
    facts: Counter = field(factory=Counter)
    ids: list[int] = field(factory=list)
    deleted: set[int] = field(factory=set)
    number: int = 0

    def act(self) -> None:
        """Make one change."""
        self.number += 1
        actions = (self.create, self.update, self.update, self.update, self.comment, self.delete)
        action = self.random.choice(actions) if len(self.ids) > 3 else self.create
        action()

    def create(self) -> None:
        """Create a ticket, and sometimes change it at once."""
        ticket = self.tickets.create(subject=f"No. {self.number}", comment=Comment(body="x"))
        self.ids.append(ticket.pk)
        self.facts["created", ticket.pk] += 1
        if self.random.random() < 0.3:
            self._save(ticket, subject=f"Changed {self.number}")

    def update(self) -> None:
        """Change a ticket, sometimes several times in a row."""
        ticket = self._pick()
        for part in range(self.random.choice((1, 1, 1, 5))):
            values = {"subject": f"No. {self.number}.{part}"}
            values["priority"] = self.random.choice(
                [value for value in PRIORITIES if value != ticket.priority]
            )
            self._save(ticket, **values)

    def comment(self) -> None:
        """Add a comment to a ticket."""
        ticket = self._pick()
        ticket.comment = Comment(body=f"Comment {self.number}")
        ticket.save()
        self.facts["comment", ticket.pk, f"Comment {self.number}"] += 1

    def delete(self) -> None:
        """Delete a ticket."""
        pk = self.random.choice(self.ids)
        self.ids.remove(pk)
        self.tickets.get(id=pk).delete()
        self.facts["deleted", pk] += 1

    def _pick(self):
        return self.tickets.get(id=self.random.choice(self.ids))

    def _save(self, ticket, **values) -> None:
        for name, value in values.items():
            setattr(ticket, name, value)
            self.facts[name, ticket.pk, value] += 1
        ticket.save(safe=False)


class Schedule(threading.Event):
    """The event that stops `watch()`: whenever it is read, the other client makes due changes."""

    def __init__(self, client: OtherClient, until: float) -> None:
        super().__init__()
        self._client, self._until = client, until
        self._clock, self._is_busy = client.emulator.clock, False
        self._next = self._clock.now()

    def is_set(self) -> bool:
        """Make the changes that are due; return whether the time is over."""
        while not self._is_busy and self._next <= min(self._clock.now(), self._until):
            self._is_busy = True
            try:
                self._client.act()
            finally:
                self._is_busy = False
            self._next += self._client.random.expovariate(1 / PERIOD)
        return super().is_set() or self._clock.now() > self._until + REST


@define(eq=False)
class Receivers:
    """Receivers that fail at random, and count the facts that they received."""

    random: random.Random
    chance: float
    facts: Counter = field(factory=Counter)
    failures: Counter = field(factory=Counter)

    def connect(self) -> None:
        """Connect the receivers."""
        for signal in (remote_created, remote_changed):
            signal.connect(self.record, sender=Ticket)
            signal.connect(self.write, sender=Ticket)
        remote_deleted.connect(self.record_deletion, sender=Ticket)

    def record(self, sender, instance, created, changes, **kwargs) -> None:
        """Count the facts of a change."""
        self._fail_at_random()
        if created:
            self.facts["created", instance.pk] += 1
        for name, (_, value) in changes.items():
            self.facts[name, instance.pk, value.body if name == "comment" else value] += 1

    def record_deletion(self, sender, instance, **kwargs) -> None:
        """Count a deletion."""
        self._fail_at_random()
        self.facts["deleted", instance.pk] += 1

    def write(self, sender, instance, **kwargs) -> None:
        """Save some tickets, which is not to be announced."""
        if self.random.random() < 0.05 and instance.status not in ("deleted", "closed"):
            instance.tags.append(f"seen-{self.random.random()}")
            instance.save()

    def _fail_at_random(self) -> None:
        value = self.random.random()
        if value < self.chance / 10:
            self.failures["interrupts"] += 1
            raise Interrupt
        if value < self.chance:
            self.failures["receivers"] += 1
            raise ConnectionError("the chat is down")


def run(hours: float, chance: float, seed: int, folder: str) -> bool:
    """Watch, print the figures, and return whether they are as required.

    Args:
        hours: hours of the emulator's clock.
        chance: the share of requests, and of calls of receivers, that fail.
        seed: selects the changes and the failures.
        folder: a folder for the files of the stores.
    """
    emulator = Emulator()
    account = emulator.connect(retry=RetryPolicy(attempts=2))
    other = emulator.connect(alias="other")
    client = OtherClient(Ticket.objects.using(other.alias), emulator, random.Random(seed + 1))
    for number, kind in enumerate(KINDS):
        share = chance / len(KINDS)
        fault = Fault("GET /api/v2/incremental/*", chance=share, seed=seed + number, **kind)
        emulator.faults.add(fault)
    receivers = Receivers(random.Random(seed), chance)
    receivers.connect()
    exports = []

    @receiver(request_started)
    def count(sender, request, **kwargs):
        if "/incremental/" in request.path:
            exports.append(request.path)

    began = emulator.clock.now()
    watch_until_the_end(account, Schedule(client, began + hours * 3600), folder)
    minutes = (emulator.clock.now() - began) / 60
    letters = deliveries_of(account).letters.letters()
    lost, doubled = client.facts - receivers.facts, receivers.facts - client.facts
    print(f"{minutes / 60:.1f} h, {client.number} actions, {client.facts.total()} changes")
    print(f"{lost.total()} lost, {doubled.total()} doubled, {len(letters)} letters")
    print(f"{len(exports) / minutes:.1f} exports a minute; {dict(receivers.failures)}")
    for fact in [*lost, *doubled][:10]:
        print(fact, client.facts[fact], receivers.facts[fact])
    is_complete = client.facts.total() > 0 and not (lost or doubled or letters)
    return is_complete and len(exports) <= MAX_EXPORTS * minutes


def watch_until_the_end(account: Account, stop: Schedule, folder: str) -> None:
    """Watch, and begin again after each interrupt, as another process would."""
    path = Path(folder, "watch.db")
    checkpoints = SQLiteCheckpointStore(path)
    policy = ReceiverPolicy(attempts=12, delays=(10, 60))
    while True:
        announced, letters = SQLiteAnnounced(path), SQLiteDeadLetters(path)
        try:
            watch(
                Ticket,
                account=account,
                checkpoints=checkpoints,
                announced=announced,
                dead_letters=letters,
                policy=policy,
                stop=stop,
            )
        except Interrupt:
            continue
        return


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--chance", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        is_right = run(options.hours, options.chance, options.seed, temporary)
    sys.exit(0 if is_right else 1)

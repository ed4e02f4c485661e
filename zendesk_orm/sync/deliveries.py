"""`Deliveries`: the delivery of remote changes to the receivers of one account."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any
from weakref import WeakKeyDictionary

from attrs import define, evolve, field

from zendesk_orm import fork, log
from zendesk_orm.errors import InvalidValue, TransportError, ZendeskError
from zendesk_orm.http.clock import RequestLock, VirtualClock, check_cancelled
from zendesk_orm.messages import display, with_article
from zendesk_orm.session.connection import Connection
from zendesk_orm.sync import receivers
from zendesk_orm.sync.announced import AnnouncedStore, MemoryAnnounced
from zendesk_orm.sync.changes import RemoteChange
from zendesk_orm.sync.dead_letters import (
    DeadLetter,
    DeadLetterStore,
    MemoryDeadLetters,
    row_of,
    write_letter,
)
from zendesk_orm.sync.facts import (
    facts_of,
    first_facts,
    stream_of,
    touch_name,
    updated_at,
    without_parts,
)
from zendesk_orm.sync.own import is_own
from zendesk_orm.sync.receivers import ReceiverPolicy
from zendesk_orm.sync.update_guard import UpdateGuard, UpdateLoop


#: Seconds until another process repeats an attempt whose process has ended.
_LEASE = 300.0
#: Seconds between two looks at a change that another process is announcing.
_PAUSE = 0.1
#: Locks of rows: changes of one row are delivered one after the other.
_LOCKS = 64

_logger = log.child("sync")


@define(eq=False)
class Deliveries:
    """Delivers changes of one account: each once, to each receiver, in order for each row.

    Attributes:
        policy: how often a receiver that fails is called.
        announced: the changes that were announced before.
        letters: the changes that wait for another attempt, and the dead ones.
        watchers: the number of running `watch()` loops, which make the attempts that are due.
    """

    policy: ReceiverPolicy = field(factory=ReceiverPolicy)
    announced: AnnouncedStore = field(factory=MemoryAnnounced)
    letters: DeadLetterStore = field(factory=MemoryDeadLetters)
    watchers: int = 0
    _guard: Any = None
    _timer: threading.Timer | None = None
    _locks: list[RequestLock] = field(factory=lambda: [RequestLock() for _ in range(_LOCKS)])

    def configure(
        self,
        policy: ReceiverPolicy | None = None,
        announced: AnnouncedStore | None = None,
        letters: DeadLetterStore | None = None,
    ) -> None:
        """Replace the settings that are not None.

        Raises:
            InvalidValue: one is something else than its name says.
        """
        _require("policy", policy, ReceiverPolicy)
        _require("announced", announced, AnnouncedStore)
        _require("dead_letters", letters, DeadLetterStore)
        self.policy = policy or self.policy
        self.announced = self.announced if announced is None else announced
        self.letters = self.letters if letters is None else letters

    def deliver(
        self, account: Connection, change: RemoteChange, *, echo: bool, since: float
    ) -> bool:
        """Deliver a change; see `deliver()`."""
        with self._locks[hash(row_of(change)) % _LOCKS]:
            # The time of the machine, which processes share; a virtual clock is that of one.
            while (state := self.announced.claim(change.key, time.time())) == "busy":
                check_cancelled()
                time.sleep(_PAUSE)
            if state == "done":
                return False
            try:
                return self._announce(account, change, echo=echo, since=since)
            except BaseException:
                self.announced.release(change.key)
                raise

    def _announce(
        self, account: Connection, change: RemoteChange, *, echo: bool, since: float
    ) -> bool:
        """Call the receivers, unless it was announced before, and remember it."""
        facts = facts_of(change)
        stream = stream_of(change)
        moment = None if change.moment is None else change.moment.timestamp()
        new = self.announced.find_new(facts.keys(), stream, moment)
        is_announced = bool(new) and (echo or not is_own(account, change, since))

        def remember() -> None:
            touched = updated_at(change)
            if touched is not None and stream != "rows":
                self.announced.set_time(touch_name(change), touched)
            moments = dict.fromkeys({*facts, *first_facts(change)}, moment)
            self.announced.record(change.key, moments, stream, time.time())

        if is_announced:
            matched = {part for fact in facts.keys() - new for part in facts[fact]}
            reduced = without_parts(change, matched) if matched else change
            self._call_all(account, reduced, remember)
        remember()
        return is_announced

    def _call_all(
        self, account: Connection, change: RemoteChange, remember: Callable[[], None]
    ) -> None:
        """Call all receivers of a change; failures become letters."""
        listeners = receivers.find_listeners(change)
        if not listeners:
            return
        now, row = account.transport.clock.now(), row_of(change)
        change = evolve(change, instance=receivers.load_instance(account, change))
        behind = {letter.receiver for letter in self.letters.waiting(row)}
        remaining = dict(listeners)
        for name, listener in listeners.items():
            del remaining[name]
            if name in behind:
                # Its earlier change of this row comes first.
                self.letters.add(write_letter(change, name, now, now, selected=False))
                continue
            try:
                with self._guard_of(account).watch(name, self.policy.max_updates):
                    receivers.call_with(account, listener, change)
            except BaseException as error:
                if isinstance(error, Exception):
                    self._add_failure(account, change, name, error)
                    continue
                # The process is about to end: nothing is lost, and nothing is repeated.
                self._add_failure(account, change, name, error, delay=0.0)
                for other in remaining:
                    self.letters.add(write_letter(change, other, now, now, selected=False))
                remember()
                raise
        self._start_timer(account)

    def _guard_of(self, account: Connection) -> UpdateGuard:
        if self._guard is None:
            self._guard = UpdateGuard(account.transport.clock)
        guard: UpdateGuard = self._guard
        return guard

    def _add_failure(
        self,
        account: Connection,
        change: RemoteChange,
        name: str,
        error: BaseException,
        delay: float | None = None,
    ) -> None:
        """Add a letter after the first failure of a receiver."""
        now = account.transport.clock.now()
        due_at = self._find_due(error, 1, now) if delay is None else now + delay
        values = {"error": receivers.describe_error(error), "attempts": 1}
        letter = write_letter(change, name, now, due_at, **values)
        self.letters.add(letter)
        self._log_failure(letter, error)

    def _find_due(self, error: BaseException, attempts: int, now: float) -> float | None:
        """Return the time of the next attempt, or None after the last one."""
        if isinstance(error, UpdateLoop) or attempts >= self.policy.attempts:
            return None
        return now + self.policy.delay_after(attempts)

    def _log_failure(self, letter: DeadLetter, error: BaseException) -> None:
        """Write a log line about a failed attempt."""
        text = "%s failed for %s (attempt %d): %s; %s"
        end = "it is a dead letter now" if letter.is_dead else "it will be called again"
        level = _logger.error if letter.is_dead else _logger.warning
        level(text, letter.receiver, letter.row, letter.attempts, letter.error, end, exc_info=error)

    # -- repeated attempts ---------------------------------------------------

    def next_due(self) -> float | None:
        """Return the time of the next attempt, or None if no change waits for one."""
        # Of the letters of one receiver and row, only the first one can be attempted.
        firsts: dict[tuple[str, str], float] = {}
        for letter in self.letters.waiting():
            if letter.due_at is not None:
                firsts.setdefault((letter.receiver, letter.row), letter.due_at)
        return min(firsts.values(), default=None)

    def run_due(self, account: Connection) -> int:
        """Call receivers again whose time has come, and return the number of calls."""
        count, blocked = 0, set()
        for letter in self.letters.waiting():
            place = letter.receiver, letter.row
            if place in blocked:
                continue
            now = account.transport.clock.now()
            if letter.due_at is None or letter.due_at > now:
                blocked.add(place)
                continue
            lease = evolve(letter, due_at=now + _LEASE, attempts=letter.attempts + 1)
            if not self.letters.replace(letter, lease):
                blocked.add(place)
                continue
            count += 1
            with self._locks[hash(letter.row) % _LOCKS]:
                result = self._attempt(account, lease)
            if result is None:
                self.letters.delete(lease)
            else:
                self.letters.replace(lease, result)
                if not result.is_dead:
                    blocked.add(place)
        return count

    def _attempt(self, account: Connection, letter: DeadLetter) -> DeadLetter | None:
        """Call a receiver again; return the letter after a failure, or None."""
        now = account.transport.clock.now()
        try:
            change = letter.change
        except ZendeskError as error:
            return evolve(letter, due_at=None, error=receivers.describe_error(error))
        listener = receivers.find_listeners(change).get(letter.receiver)
        if listener is None:
            text = f"{letter.receiver} is not connected to {receivers.signal_of(change).name}"
            return evolve(letter, due_at=None, error=text, attempts=letter.attempts - 1)
        try:
            change = evolve(change, instance=receivers.load_instance(account, change))
        except TransportError as error:
            due_at = now + self.policy.delay_after(max(letter.attempts, 1))
            text = receivers.describe_error(error)
            return evolve(letter, due_at=due_at, error=text, attempts=letter.attempts - 1)
        except ZendeskError as error:
            return self._fail(account, letter, error)
        if letter.selected:
            listener = listener.without_condition()
        try:
            with self._guard_of(account).watch(letter.receiver, self.policy.max_updates):
                receivers.call_with(account, listener, change)
        except BaseException as error:
            failed = self._fail(account, letter, error)
            if isinstance(error, Exception):
                return failed
            self.letters.replace(letter, failed)
            raise
        return None

    def _fail(self, account: Connection, letter: DeadLetter, error: BaseException) -> DeadLetter:
        due_at = self._find_due(error, letter.attempts, account.transport.clock.now())
        failed = evolve(letter, due_at=due_at, error=receivers.describe_error(error))
        self._log_failure(failed, error)
        return failed

    def replay(self, account: Connection, letters: Iterable[DeadLetter]) -> int:
        """Call the receivers of dead letters again now; return the number that succeeded."""
        now = account.transport.clock.now()
        for letter in letters:
            self.letters.replace(letter, evolve(letter, due_at=now, attempts=0))
        before = len(self.letters.letters())
        self.run_due(account)
        return before - len(self.letters.letters())

    # -- a timer for processes without watch() -------------------------------

    def _start_timer(self, account: Connection) -> None:
        """Let a thread make the next attempt, unless `watch()` does it or the clock is virtual."""
        clock = account.transport.clock
        if self.watchers or isinstance(clock, VirtualClock):
            return
        due_at = self.next_due()
        timer = self._timer
        if due_at is None or (timer is not None and timer.is_alive()):
            return
        delay = max(due_at - clock.now(), 0.05)
        self._timer = threading.Timer(delay, self._run_timer, (account,))
        self._timer.daemon = True
        self._timer.name = "zendesk receivers"
        self._timer.start()

    def _run_timer(self, account: Connection) -> None:
        self._timer = None
        try:
            self.run_due(account)
        except Exception:
            _logger.exception("the receivers of %s were not called again", account.alias)
        self._start_timer(account)


def _require(name: str, value: Any, kind: Any) -> None:
    if value is not None and (isinstance(value, type) or not isinstance(value, kind)):
        raise InvalidValue(f"{name} must be {with_article(kind.__name__)}, not {display(value)}")


_deliveries: WeakKeyDictionary[Connection, Deliveries] = WeakKeyDictionary()
_lock = fork.Lock()


def deliveries_of(account: Connection) -> Deliveries:
    """Return the deliveries of an account, which its brands and end users share."""
    with _lock:
        deliveries = _deliveries.get(account.main)
        if deliveries is None:
            deliveries = _deliveries[account.main] = Deliveries()
        return deliveries

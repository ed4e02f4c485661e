"""How changes are sent: at once, or by the `batch()` or `dry_run()` that replaces the sender."""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from typing import Any, ClassVar, Protocol, TypeVar
from weakref import WeakValueDictionary

from zendesk_orm import fork
from zendesk_orm.errors import DryRunError
from zendesk_orm.http.request import Request, redact_path


T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class Submission(Protocol[T_co]):
    """Something to be sent: one change, an action, a file, or a bulk operation."""

    def send(self) -> T_co:
        """Send it now, and return the result."""
        ...

    def defer(self, unit: Any) -> T_co:
        """Add it to a batch or a dry run, and return the result that is known without Zendesk."""
        ...


class Sender:
    """Sends changes when they are requested: the sender outside `batch()` and `dry_run()`.

    Attributes:
        deferred: True if changes are sent later, or never.
        is_dry_run: True if no change may be sent, by other threads either.
        process: the id of the process that opened the batch or dry run; None for any process.
    """

    deferred = False
    is_dry_run = False
    process: int | None = None

    def submit(self, submission: Submission[T]) -> T:
        """Send a change and return the result."""
        return submission.send()

    def resolve(self, record: Any, session: Any) -> None:
        """Resolve unsaved relations and the names of custom fields before a record is sent.

        Raises:
            InvalidValue: a related object has no id yet.
        """
        self.resolve_relations(record)
        record.resolve_custom_fields(session)

    def resolve_relations(self, record: Any) -> None:
        """Replace related objects of a record by their ids.

        Raises:
            InvalidValue: a related object has no id yet.
        """
        record.resolve_unsaved_relations()

    def complete_change(self, change: Any, session: Any) -> Any:
        """Return the change of a save with the edits that undo earlier saves; here, unchanged."""
        return change

    def apply_pending(self, model: Any, records: list[Any]) -> list[Any]:
        """Return rows of a model with those that a batch creates, without those it deletes."""
        return records

    def creates(self, record: Any) -> bool:
        """Return True if a batch or a dry run creates an object that has no id yet."""
        return False

    def on_commit(self, function: Callable[[], Any]) -> None:
        """Call a function after the changes so far have been sent: now."""
        function()

    def check_user_change(self) -> None:
        """Raise `ConfigurationError` if `acting_as()` cannot begin; here it always can."""


#: The sender of every account unless a batch or a dry run is open.
DIRECT = Sender()


#: Checks the updates of the receiver that this thread or task runs, or None.
CHECK_UPDATE: ContextVar[Callable[[Request], None] | None] = ContextVar(
    "zendesk_orm update check", default=None
)


class Senders:
    """The open batches and dry runs of an account, its brands and its other aliases.

    Attributes:
        current: the sender of this thread or task.
        changes: a number that each request that may have changed data replaces by another one.
    """

    _instances: ClassVar[WeakValueDictionary[Hashable, Senders]] = WeakValueDictionary()
    _lock = fork.Lock()

    def __init__(self) -> None:
        self.current: ContextVar[Any] = ContextVar("sender", default=DIRECT)
        self.changes = 0
        self._dry_runs: list[Any] = []
        self._numbers = count(1)

    @classmethod
    def of(cls, identity: Hashable) -> Senders:
        """Return the senders of the account with an identity."""
        with cls._lock:
            senders = cls._instances.get(identity)
            if senders is None:
                senders = cls._instances[identity] = cls()
            return senders

    @contextmanager
    def replace(self, sender: Sender) -> Generator[None]:
        """Use another sender in this thread or task; a dry run stops all other threads."""
        before = self.current.get()
        # Each step is undone, wherever Ctrl+C interrupts them.
        try:
            self.current.set(sender)
            if sender.is_dry_run:
                self._dry_runs.append(sender)
            yield
        finally:
            try:
                self.current.set(before)
            finally:
                if sender in self._dry_runs:
                    self._dry_runs.remove(sender)

    def guard(self, request: Request) -> None:
        """Raise if a request would change data while a dry run is open.

        Raises:
            DryRunError: a dry run is open; nothing was sent.
            UpdateLoop: a receiver of remote changes keeps updating the same ticket.
        """
        check = CHECK_UPDATE.get()
        if check is not None:
            check(request)
        if not self._dry_runs or not request.changes:
            return
        text = f"{request.method} {redact_path(request.path)}"
        for dry_run in self._dry_runs:
            dry_run.refuse(text)
        raise DryRunError(
            f"{text} was not sent because a dry run of this account is open; save in the thread "
            "that opened it, or after it has ended"
        )

    def note_change(self) -> None:
        """Note that a request was sent which may have changed data."""
        # Unlike an addition, this never assigns a number twice.
        self.changes = next(self._numbers)

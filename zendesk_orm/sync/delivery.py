"""`deliver()`: sends remote changes to the receivers of the signals; and their dead letters."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from zendesk_orm.account import Connections, connections
from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.schema.source import DEFAULT
from zendesk_orm.session.connection import Connection
from zendesk_orm.session.own_changes import OwnWriteStore
from zendesk_orm.sync.announced import AnnouncedStore, SQLiteAnnounced
from zendesk_orm.sync.changes import RemoteChange
from zendesk_orm.sync.dead_letters import DeadLetter, DeadLetterStore, SQLiteDeadLetters
from zendesk_orm.sync.deliveries import deliveries_of
from zendesk_orm.sync.own_writes import SQLiteOwnWrites
from zendesk_orm.sync.receivers import ReceiverPolicy


def deliver(
    account: Connection,
    change: RemoteChange,
    *,
    policy: ReceiverPolicy | None = None,
    announced: AnnouncedStore | None = None,
    dead_letters: DeadLetterStore | None = None,
    echo: bool = False,
    since: float = 0.0,
) -> bool:
    """Send the signal of a change: `remote_created`, `remote_changed` or `remote_deleted`.

    >>> @receiver(remote_changed, sender=Ticket)
    ... def show(sender, instance, changes, **kwargs):
    ...     print(instance.pk, changes)
    >>> values = {"priority": ("low", "high")}
    >>> deliver(account, RemoteChange("a1", Ticket, 2990, "changed", "export", changes=values))
    2990 {'priority': ('low', 'high')}
    True

    Each receiver is called separately. If one raises an exception, the others are called, and it is
    called again after a while, in another thread or by `watch()`; see `ReceiverPolicy`. After its
    last attempt, the change becomes a dead letter. Later changes of the row wait for the earlier
    ones, for this receiver only.

    A change that was announced before, whichever way it became known, is not announced again, and
    neither is one that this account made itself.

    Args:
        account: the account of the row.
        change: the change; without an instance, the row is fetched if there are receivers.
        policy, announced, dead_letters: replace the settings of the account from now on, see
            `configure_delivery()`.
        echo: announce changes that this account made, too.
        since: the time, in seconds since the epoch, up to which an export was read before.

    Returns:
        Whether the change was announced.

    Raises:
        ApiError, TransportError: the row could not be fetched; nothing was announced.
    """
    deliveries = deliveries_of(account)
    deliveries.configure(policy, announced, dead_letters)
    return deliveries.deliver(account, change, echo=echo, since=since)


def configure_delivery(
    account: Connection | str | None = None,
    *,
    policy: ReceiverPolicy | None = None,
    announced: AnnouncedStore | None = None,
    dead_letters: DeadLetterStore | None = None,
    own_writes: OwnWriteStore | None = None,
    state: str | os.PathLike[str] | None = None,
) -> None:
    """Set how the remote changes of an account are delivered in this process.

    >>> configure_delivery(policy=ReceiverPolicy(attempts=3, delays=(10, 60)))

    Processes that receive the same changes, such as a web server and `watch()`, announce each
    change once if they use the same file.

    Args:
        account: the account, or its alias; the default account if None.
        policy: how often a receiver that fails is called.
        announced: remembers announced changes; by default in memory.
        dead_letters: stores the changes that receivers could not handle; by default in memory.
        own_writes: keeps the writes of this program, which are not announced; by default in memory.
        state: a SQLite file that stores all of them.
    """
    used = find_account(account)
    if state is not None:
        announced = SQLiteAnnounced(state) if announced is None else announced
        dead_letters = SQLiteDeadLetters(state) if dead_letters is None else dead_letters
        own_writes = SQLiteOwnWrites(state) if own_writes is None else own_writes
    deliveries_of(used).configure(policy, announced, dead_letters)
    if own_writes is not None:
        if isinstance(own_writes, type) or not isinstance(own_writes, OwnWriteStore):
            raise InvalidValue(f"own_writes must be an OwnWriteStore, not {display(own_writes)}")
        used.main.own_changes.use_store(own_writes)


class DeadLetters:
    """The changes that receivers of an account could not handle, the oldest first.

    >>> dead_letters()
    <DeadLetters of 'default': 0>
    >>> dead_letters().replay(), dead_letters().clear()
    (0, 0)
    """

    def __init__(self, account: Connection) -> None:
        self._account = account

    def __iter__(self) -> Iterator[DeadLetter]:
        letters = deliveries_of(self._account).letters.letters()
        return iter([letter for letter in letters if letter.is_dead])

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._account.alias!r}: {len(self)}>"

    @property
    def waiting(self) -> list[DeadLetter]:
        """The changes for which a receiver will be called again."""
        return deliveries_of(self._account).letters.waiting()

    def replay(self, *letters: DeadLetter) -> int:
        """Call the receivers of letters again, and return the number that succeeded.

        Receivers that succeeded before are not called again. A letter whose receiver fails begins
        with its first attempt.

        Args:
            letters: the letters; by default all of them.
        """
        chosen = letters or tuple(self)
        return deliveries_of(self._account).replay(self._account, chosen)

    def clear(self, *letters: DeadLetter) -> int:
        """Delete letters, and return their number.

        Args:
            letters: the letters; by default all dead ones.
        """
        chosen = letters or tuple(self)
        for letter in chosen:
            deliveries_of(self._account).letters.delete(letter)
        return len(chosen)


def dead_letters(account: Connection | str | None = None) -> DeadLetters:
    """Return the dead letters of an account: changes that its receivers could not handle.

    >>> for letter in dead_letters():
    ...     print(letter.receiver, letter.row, letter.error)
    >>> dead_letters().replay()
    0

    Args:
        account: the account, or its alias; the default account if None.
    """
    return DeadLetters(find_account(account))


def find_account(account: Any) -> Any:
    """Return an account for the account itself, its alias, or None for the default account.

    Raises:
        InvalidValue: the value is something else.
        ConfigurationError: there is no account with the alias.
    """
    accounts: Connections = connections
    if account is None:
        return accounts[DEFAULT]
    if isinstance(account, str):
        return accounts[account]
    if isinstance(account, Connection):
        return account
    raise InvalidValue(f"account must be an account or its alias, not {display(account)}")

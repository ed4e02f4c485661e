"""Snapshots: copies of all rows of an emulator, to which it can return."""

from __future__ import annotations

from attrs import field, frozen

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.storage.generating_store import GeneratingStore
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.messages import display


@frozen(eq=False)
class Snapshot:
    """The rows, jobs, files and sequences of an emulator at a time.

    Attributes:
        time: the time, in seconds since the epoch.
    """

    time: float
    _owner_id: int = field(repr=False)
    _brand_id: int | None = field(repr=False)
    _store: GeneratingStore = field(repr=False)


def take(context: Context) -> Snapshot:
    """Return a snapshot of an account."""
    store = GeneratingStore()
    with context.store.lock:
        store.copy_from(context.store)
        return Snapshot(context.now(), context.owner_id, context.brand_id, store)


def restore(context: Context, snapshot: Snapshot) -> None:
    """Replace all rows of an account by those of a snapshot, which can be used again.

    Raises:
        ConfigurationError: the value is not a snapshot.
    """
    if not isinstance(snapshot, Snapshot):
        raise ConfigurationError(f"{display(snapshot)} must be a result of snapshot()")
    with context.store.lock:
        context.store.copy_from(snapshot._store)
        context.owner_id, context.brand_id = snapshot._owner_id, snapshot._brand_id

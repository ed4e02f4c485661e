"""The places up to which `watch()` has read the exports."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from zendesk_orm.session.connection import Connection
from zendesk_orm.sync.feeds import Feed, Place


@frozen
class StoredPlace:
    """The place of an export."""

    params: Place


class MemoryPlaces:
    """Stores places as long as the process lives."""

    def __init__(self) -> None:
        self._places: dict[str, Any] = {}

    def load(self, name: str) -> Any:
        """Return the place of a name, or None."""
        return self._places.get(name)

    def save(self, name: str, checkpoint: Any) -> None:
        """Store a place."""
        self._places[name] = checkpoint

    def delete(self, name: str) -> None:
        """Delete a place."""
        self._places.pop(name, None)


def load(store: Any, name: str, feed: Feed, account: Connection) -> Place | None:
    """Return the stored place of an export, or None."""
    stored = store.load(name)
    return None if stored is None else stored.params


def save(store: Any, name: str, feed: Feed, account: Connection, place: Place) -> None:
    """Store the place of an export."""
    store.save(name, StoredPlace(place))

"""The source of records that belong to no session: unpickled ones, and new ones."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from zendesk_orm.schema.source import BoundAlias


class DeferredSource:
    """The source of a record without a session: its account, looked up when it is needed."""

    def __init__(self, connections: Any, alias: str) -> None:
        self._connections = connections
        if not isinstance(alias, BoundAlias) and alias in self._connections:
            alias = self._connections[alias].effective().alias
        self.alias = BoundAlias(alias)

    @property
    def account_identity(self) -> Hashable:
        """What the account has in common with its brands and other aliases of its host."""
        return self._connections[self.alias].identity if self._is_connected else self.alias

    @property
    def on_behalf_of(self) -> str | None:
        """The end user as whom it sends requests, or None for the account itself."""
        if not self._is_connected:
            return None
        user: str | None = self._connections[self.alias].transport.on_behalf_of
        return user

    @property
    def _is_connected(self) -> bool:
        return self.alias in self._connections

    @property
    def _session(self) -> Any:
        """The session of this thread or task."""
        return self._connections.session(self.alias)

    def load(self, record: Any) -> None:
        """Fetch the row of a record."""
        self._session.load(record)

    def refer(self, model: type[Any], pk: Any, known: dict[str, Any] | None = None) -> Any:
        """Return the record of an id."""
        return self._session.refer(model, pk, known)

    def at_hand(self, model: type[Any], key: Any) -> Any:
        """Return the record of a key if no request is needed for it, or None."""
        return self._session.at_hand(model, key) if self._is_connected else None

    def definitions(self, meta: Any, scope: Mapping[str, Any]) -> Any:
        """Return the custom fields that the account has for a model; a request at first."""
        return self._session.definitions(meta, scope)

    def known_definitions(self, meta: Any, scope: Mapping[str, Any]) -> Any:
        """Return the custom fields of a model without a request, or None if they are unknown."""
        return self._session.known_definitions(meta, scope) if self._is_connected else None

"""Accounts by alias: those that are connected, and those that are connected on first use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from zendesk_orm import fork
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.messages import display, shorten
from zendesk_orm.schema.arguments import require_text
from zendesk_orm.session.connection import split_alias


A = TypeVar("A")


class Accounts(Mapping[str, A]):
    """The accounts by alias; `Connections` adds the access to one of them."""

    def __init__(self) -> None:
        self._accounts: dict[str, A] = {}
        self._defined: dict[str, Callable[[], A]] = {}
        self._lock = fork.Lock()

    def __contains__(self, alias: object) -> bool:
        names = (alias, split_alias(alias)[0])
        return any(name in self._accounts or name in self._defined for name in names)

    def __iter__(self) -> Iterator[str]:
        return iter({**self._accounts, **self._defined})

    def __len__(self) -> int:
        return len({**self._accounts, **self._defined})

    def __repr__(self) -> str:
        names = ", ".join(map(repr, self))
        return f"<{type(self).__name__}: {shorten(names) or 'none'}>"

    def get_connected(self, alias: str) -> A | None:
        """Return an account that is connected, or None; connects nothing."""
        return self._accounts.get(alias)

    def define(self, alias: str, function: Callable[[], A]) -> None:
        """Define an account that is connected when it is first used.

        ::

            connections.define("emea", lambda: connect(read_url(), alias="emea"))

        An account that is connected under the alias stays as it is.

        Args:
            alias: the name of the account.
            function: calls `connect()` with the alias, and returns the account.

        Raises:
            InvalidValue: the alias is not text; ConfigurationError: the function is none.
        """
        require_text("alias", alias)
        if not callable(function):
            raise ConfigurationError(f"define() needs a function, not {display(function)}")
        with self._lock:
            self._defined[alias] = function

    def undefine(self, alias: str) -> None:
        """Remove the definition of an account, which stays connected."""
        with self._lock:
            self._defined.pop(alias, None)

    def add(self, account: Any) -> None:
        """Add an account; one with the same alias is closed, with its brands."""
        with self._lock:
            replaced = self._pop(account.alias)
            self._accounts[account.alias] = account
        for previous in replaced:
            previous.close()

    def disconnect(self, alias: str) -> None:
        """Close an account, with its brands; one that is defined is connected again when used."""
        require_text("alias", alias)
        with self._lock:
            removed = self._pop(alias)
        for account in removed:
            account.close()

    def remove(self, alias: str) -> None:
        """Close and remove an account, with its brands and its definition."""
        self.disconnect(alias)
        self.undefine(alias)

    def _connect_defined(self, alias: str) -> A | None:
        """Connect an account that is defined; return None if there is no definition."""
        function = self._defined.get(alias)
        return None if function is None else function()

    def _pop(self, alias: str) -> list[Any]:
        """Remove an account and its brands from the mapping, and return them."""
        account: Any = self._accounts.pop(alias, None)
        if account is None:
            return []
        return [account, *(brand for name in account.brand_aliases for brand in self._pop(name))]

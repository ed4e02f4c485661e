"""The accounts that are connected to an emulator."""

from __future__ import annotations

from weakref import WeakSet

from zendesk_orm.account import Account
from zendesk_orm.schema import registry


class ConnectedAccounts:
    """The accounts of an emulator, as long as they are used.

    Attributes:
        latest: the account that was connected last, or None.
    """

    def __init__(self) -> None:
        self.latest: Account | None = None
        self._accounts: WeakSet[Account] = WeakSet()

    def add(self, account: Account) -> None:
        """Add an account."""
        self.latest = account
        self._accounts.add(account)

    def forget_rows(self) -> None:
        """Discard the cached rows and the remembered writes of all accounts.

        It is called when rows are replaced without a request, so that no account returns the
        previous ones.
        """
        for account in list(self._accounts):
            for model in registry.models():
                account.changes.note(model, {})
            account.cache.clear()
            account.recent.by_model.clear()

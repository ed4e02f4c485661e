"""Two accounts whose objects have the same ids, and a brand of the first one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attrs import frozen

from zendesk_orm import Account, Brand, connections
from zendesk_orm.emulator import Emulator


@frozen
class TwoAccounts:
    """The default account and another one with the same rows.

    Attributes:
        mine, theirs: the emulators of both accounts.
    """

    mine: Emulator
    theirs: Emulator

    @property
    def writes(self) -> list[str]:
        """The requests to both emulators, except for reads."""
        requests = [*self.mine.requests, *self.theirs.requests]
        return [request for request in requests if not request.startswith("GET ")]

    @property
    def requests(self) -> list[str]:
        """All requests to both emulators."""
        return [*self.mine.requests, *self.theirs.requests]

    def clear(self) -> None:
        """Clear the recorded requests."""
        self.mine.requests.clear()
        self.theirs.requests.clear()


@pytest.fixture
def two() -> Iterator[TwoAccounts]:
    """Return two accounts with the same rows: `default` and `emea`."""
    with Emulator(seed="demo") as mine, Emulator(seed="demo") as theirs:
        mine.connect()
        theirs.connect(alias="emea")
        yield TwoAccounts(mine, theirs)


@pytest.fixture
def brand(emulator: Emulator) -> Account:
    """Return the default account at the host of its brand `outdoor`."""
    Brand.objects.create(name="Outdoor", subdomain="outdoor")
    return connections["default"].brand("outdoor")

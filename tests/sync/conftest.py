"""Another client of the same account, and a list of the changes that a receiver gets."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import frozen

from zendesk_orm import (
    Account,
    Ticket,
    receiver,
    remote_changed,
    remote_created,
    remote_deleted,
)
from zendesk_orm.emulator import Emulator


#: Seconds after which exports contain every change.
DELAY = 90


@frozen
class Received:
    """A change that a receiver got."""

    kind: str
    pk: Any
    changes: dict[str, Any]


@pytest.fixture
def other(account: Account, emulator: Emulator) -> Any:
    """Return the tickets of the same Zendesk, as another program uses them."""
    emulator.connect(alias="other")
    return Ticket.objects.using("other")


@pytest.fixture
def received(account: Account) -> list[Received]:
    """Return the list of the changes of tickets that a receiver gets from now on."""
    changes: list[Received] = []

    @receiver([remote_created, remote_changed], sender=Ticket)
    def record(sender, instance, created, changes, **kwargs):
        append("created" if created else "changed", instance.pk, changes)

    @receiver(remote_deleted, sender=Ticket)
    def record_deletion(sender, instance, **kwargs):
        append("deleted", instance.pk, {})

    def append(kind: str, pk: Any, values: dict[str, Any]) -> None:
        changes.append(Received(kind, pk, values))

    return changes

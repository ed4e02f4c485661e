"""`RemoteChange`: a change of one row that another program or person made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from attrs import Factory, frozen


#: What happened to the row.
Kind = Literal["created", "changed", "deleted"]
#: How the change became known.
Source = Literal["export", "webhook", "history"]


@frozen(eq=False)
class RemoteChange:
    """A change of one row that another program or person made.

    >>> change = RemoteChange("a1", Ticket, 5, "changed", "export")
    >>> change.kind, change.pk
    ('changed', 5)

    Attributes:
        key: the text that identifies the change, whichever way it became known. Two changes with
            the same key are the same change.
        model: the model of the row.
        pk: the id of the row.
        kind: whether the row was created, changed or deleted.
        source: how the change became known: from an export, a webhook, or the audits of a ticket.
        moment: when it was made, or None if that is unknown.
        changes: the changed fields, each with its old and its new value.
        actor_id: the id of the user who made it, or None if that is unknown.
        instance: the object after the change, or None if it has to be loaded by its id.
        payload: the event as Zendesk sent it.
    """

    key: str
    model: type[Any]
    pk: Any
    kind: Kind
    source: Source
    moment: datetime | None = None
    changes: Mapping[str, tuple[Any, Any]] = Factory(dict)
    actor_id: int | None = None
    instance: Any = None
    payload: Mapping[str, Any] = Factory(dict)

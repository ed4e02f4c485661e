"""Ticket events: the changes of all tickets, one after the other.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/#incremental-ticket-event-export
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from attrs import evolve

from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.vocabulary import exported
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.tickets import Ticket
    from zendesk_orm.support.users import User

(_EXPORT,) = exported("incremental/ticket_events", support_type_scope="all")


class TicketEvent(Model):
    """One update of a ticket, with all that it changed in `child_events`.

    ::

        TicketEvent.objects.filter(changed_since=yesterday)
        TicketEvent.objects.filter(changed_since=yesterday, include="comment_events")

    With `comment_events`, comments are among the child events; without, they are only said to
    be there. `ticket.audits` tells the same of one ticket.
    """

    ticket: ReadOnlyRef[Ticket]
    ticket_id: Id[int]
    updater: ReadOnlyRef[User | None]
    updater_id: Id[int | None]
    timestamp: ReadOnly[int]
    created_at: ReadOnly[datetime | None]
    event_type: ReadOnly[str | None]
    child_events: ReadOnly[list[dict[str, Any]]]
    via: ReadOnly[Any]
    system: ReadOnly[dict[str, Any] | None]
    metadata: ReadOnly[dict[str, Any] | None]

    changed_since: Lookup[datetime]
    include: Lookup[Literal["comment_events"]]

    class Meta:
        api = Api((evolve(_EXPORT, takes={**_EXPORT.takes, "include": "include"}),))

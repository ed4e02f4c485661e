"""Ticket events: the changes of all tickets in chronological order.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/#incremental-ticket-event-export
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.vocabulary import incremental_export
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef
from zendesk_orm.support.ticket_management.samples import SampledManager, sample_of


if TYPE_CHECKING:
    from zendesk_orm.support.tickets.tickets import Ticket
    from zendesk_orm.support.users.users import User


class TicketEventManager(SampledManager["TicketEvent"]):
    """`TicketEvent.objects`, with samples of the export."""


class TicketEvent(Model):
    """An update of a ticket, with its changes in `child_events`.

    ::

        TicketEvent.objects.changed_since(yesterday)
        TicketEvent.objects.changed_since(yesterday).filter(include="comment_events")

    With `comment_events`, child events contain the comments; otherwise, they only indicate that
    a comment was added. `ticket.audits` are the changes of one ticket.
    """

    objects = TicketEventManager.as_manager()

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
    support_type_scope: Lookup[Literal["all", "agent", "ai_agent"]]

    class Meta:
        api = incremental_export(
            "incremental/ticket_events",
            filters={"include": "include", "support_type_scope": "support_type_scope"},
            support_type_scope="all",
        ) + sample_of("ticket_events", support_type_scope="all")

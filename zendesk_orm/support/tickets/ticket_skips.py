"""Skips: tickets that agents skipped in guided mode, and their reasons.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_skips/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.vocabulary import CREATE, LIST, listing, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import CreateOnly, Id, ReadOnly, ReadOnlyRef, Ref


if TYPE_CHECKING:
    from zendesk_orm.support.tickets.tickets import Ticket
    from zendesk_orm.support.users.users import User


class TicketSkip(Model):
    """The skipping of a ticket by an agent, with the reason.

    `ticket.skips.create(reason="...")` records a skip by the authenticated agent. Skips of
    archived tickets are not listed.
    """

    ticket: Ref[Ticket]
    ticket_id: Id[int]
    user: ReadOnlyRef[User]
    user_id: Id[int]
    reason: CreateOnly[str]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        singular = "skip"
        plural = "skips"
        required = ("ticket", "reason")
        api = resource("skips", can=LIST | CREATE) + listing(
            "tickets/{ticket}/skips", "users/{user}/skips", key="skips"
        )

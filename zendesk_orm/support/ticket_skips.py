"""Skips: tickets that agents of a guided view passed over, and why.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_skips/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.vocabulary import listed, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import CreateOnly, Id, ReadOnly, ReadOnlyRef, Ref


if TYPE_CHECKING:
    from zendesk_orm.support.tickets import Ticket
    from zendesk_orm.support.users import User


class TicketSkip(Model):
    """That an agent passed over a ticket, and the reason.

    `ticket.skips.create(reason="...")` records one of whoever is signed in. Those of archived
    tickets are not listed.
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
        api = resource("skips", can="list create") + listed(
            "tickets/{ticket}/skips", "users/{user}/skips", key="skips"
        )

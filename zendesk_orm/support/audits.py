"""Audits: the history of a ticket.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_audits/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import listed
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.tickets import Ticket
    from zendesk_orm.support.users import User


class Audit(Model):
    """What one update did to a ticket, event by event."""

    ticket: ReadOnlyRef[Ticket]
    ticket_id: Id[int]
    author: ReadOnlyRef[User]
    author_id: Id[int]
    created_at: ReadOnly[datetime]
    events: ReadOnly[list[dict[str, Any]]]
    metadata: ReadOnly[dict[str, Any]]
    via: ReadOnly[dict[str, Any]]

    class Meta:
        parent = "ticket"
        singular = "audit"
        api = (
            Api((Endpoint(Verb.SHOW, "tickets/{ticket}/audits/{id}", "audit"),))
            + listed(
                "tickets/{ticket}/audits",
                orders="created_at",
                natural="created_at",
                includes="users",
                count=True,
                small=True,
                paging=(CURSOR,),
            )
            + listed(
                "ticket_audits", key="audits", natural="created_at", whole=True, paging=(CURSOR,)
            )
        )

"""Audits: the history of a ticket.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_audits/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import action, listed
from zendesk_orm.model import Model
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef
from zendesk_orm.write import actions


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.support.tickets import Ticket
    from zendesk_orm.support.users import User

#: The kinds of events that are comments.
_COMMENTS = ("Comment", "VoiceComment")


class Audit(Model):
    """What one update did to a ticket, event by event.

    `Audit.objects.all()` gives the audits of all tickets that are not archived, the oldest
    first. Which kinds of events there are, and what each tells, is at
    https://developer.zendesk.com/documentation/ticketing/reference-guides/ticket-audit-events-reference
    """

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
            + action("make_private", "PUT", "tickets/{ticket}/audits/{id}/make_private")
        )

    def events_of(self, *kinds: str) -> list[dict[str, Any]]:
        """Return the events of some kinds: `audit.events_of("Create", "Change")`.

        Args:
            kinds: what `type` of an event may be; Zendesk adds further ones at any time.
        """
        return [event for event in self.events if event.get("type") in kinds]

    def make_private(self) -> Self:
        """Make the comment of this update a note between agents, which cannot be taken back.

        Returns:
            The audit, as it is now.

        Raises:
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_audits/#change-a-comment-from-public-to-private
        """
        self._call("make_private")
        session = self._session()
        if session.outbox is not None:
            return self
        events = [
            {**event, "public": False} if event.get("type") in _COMMENTS else event
            for event in self.events
        ]
        self.absorb(type(self._row)({**self._row, "events": events}))
        session.account.rows.forget(type(self), self._key)
        comment: Any = registry.find("Comment", "support")
        for event in self.events_of(*_COMMENTS):
            session.forget(comment, comment._meta.key(self._row, event.get("id")))
        actions.outdated(session, self.ticket)
        return self

"""Audits: the history of a ticket.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_audits/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.actions import action
from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.paging import CURSOR, NEWEST
from zendesk_orm.api.vocabulary import listing
from zendesk_orm.http.annotations import Self
from zendesk_orm.model import Model
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.tickets.tickets import Ticket
    from zendesk_orm.support.users.users import User

#: The kinds of events that are comments.
_COMMENTS = ("Comment", "VoiceComment")


class Audit(Model):
    """The events of one update of a ticket.

    `Audit.objects.all()` returns the audits of all tickets that are not archived, oldest first, and
    `Audit.objects.order_by("-created_at")` the newest first.
    The kinds of events are described at
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
            + listing(
                "tickets/{ticket}/audits",
                orders=("created_at",),
                default_order="created_at",
                includes=("users",),
                count=True,
                fits_in_memory=True,
                paging=(CURSOR,),
            )
            + listing(
                "ticket_audits",
                key="audits",
                default_order="created_at",
                includes_archived=True,
                paging=(CURSOR,),
            )
            + listing(
                "ticket_audits",
                key="audits",
                default_order="-created_at",
                includes_archived=True,
                paging=(NEWEST,),
            )
        )

    @check_arguments
    def events_of(self, *kinds: str) -> list[dict[str, Any]]:
        """Return the events of the given kinds: `audit.events_of("Create", "Change")`.

        Args:
            kinds: values of `type`; Zendesk may add new ones at any time.
        """
        return [event for event in self.events if event.get("type") in kinds]

    @action("PUT", "tickets/{ticket}/audits/{id}/make_private")
    def make_private(self) -> Self:
        """Make the comment of this update an internal note, which cannot be undone.

        Returns:
            The updated audit.

        Raises:
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_audits/#change-a-comment-from-public-to-private
        """
        return self._call("make_private", then=self._set_private, in_dry_run=self)

    def _set_private(self, _: Any) -> Self:
        """Mark the comment as private in this audit and in other objects that contain it."""
        session = self._session()
        events = [
            {**event, "public": False} if event.get("type") in _COMMENTS else event
            for event in self.events
        ]
        session.store(self, type(self._row)({**self._row, "events": events}))
        comment: Any = registry.find("Comment", "support")
        for event in self.events_of(*_COMMENTS):
            session.forget(comment, comment._meta.key(self._row, event.get("id")))
        session.expire(self.ticket)
        return self

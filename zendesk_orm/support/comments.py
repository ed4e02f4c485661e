"""Comments on tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import listed
from zendesk_orm.errors import InvalidValue
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref, WriteOnly
from zendesk_orm.support.attachments import Attachment
from zendesk_orm.support.uploads import Upload


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.support.audits import Audit
    from zendesk_orm.support.tickets import Ticket
    from zendesk_orm.support.users import User


#: What a comment has in common with the audit of the update that wrote it.
_OF_AUDIT = ("created_at", "via", "metadata")


class Comment(Model):
    """A message on a ticket: public, or a note between agents."""

    ticket: Ref[Ticket]
    ticket_id: Id[int]
    type: ReadOnly[str]
    author: Ref[User | None]
    author_id: Id[int | None]
    body: Field[str]
    html_body: Field[str | None]
    plain_body: ReadOnly[str | None]
    public: Field[bool]
    attachments: ReadOnly[list[Attachment]]
    audit_id: ReadOnly[int]
    via: ReadOnly[dict[str, Any]]
    metadata: ReadOnly[dict[str, Any]]
    created_at: ReadOnly[datetime]
    uploads: WriteOnly[list[Upload | str]]
    channel_back: WriteOnly[str | None]
    channel_source_id: WriteOnly[str | None]
    translate_to: WriteOnly[str | None]
    add_short_url: WriteOnly[bool | None]

    class Meta:
        parent = "ticket"
        api = listed(
            "tickets/{ticket}/comments",
            orders="created_at",
            natural="created_at",
            includes="users",
            count=True,
            small=True,
            paging=(CURSOR,),
        )

    def save(
        self,
        *,
        update_fields: Iterable[str] | None = None,
        force_insert: bool = False,
        using: str | None = None,
        safe: bool | None = None,
    ) -> Self:
        """Add the comment to its ticket: it rides on an update of the ticket, and nothing else.

        Raises:
            InvalidValue: there is no ticket, or the comment was saved before.
            ValidationError and the other `ApiError`s; `TransportError`.
        """
        if self.pk is not None:
            raise InvalidValue("a comment cannot be changed once it is written")
        if self.ticket_id is None:
            raise InvalidValue("a comment needs a ticket: ticket.comments.create(body=...)")
        self.attach_to(self._session(using))
        ticket = self.ticket
        ticket.comment = self
        before = ticket.last_audit
        ticket.save(update_fields=["comment"], using=using)
        # In a batch it is only written at the end.
        if ticket.last_audit is not None and ticket.last_audit is not before:
            self._written(ticket.last_audit)
        return self

    def _written(self, audit: Audit) -> None:
        """Take over what the audit of the update says of the comment."""
        about = {key: audit._row[key] for key in _OF_AUDIT if key in audit._row}
        for event in audit.events:
            if event.get("type") == "Comment":
                row = {**about, **event, "ticket_id": audit.ticket_id}
                self.absorb(row, sent=list(self.changes()))

"""Comments on requests, as seen by end users.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-requests/#listing-comments
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from zendesk_orm.api.vocabulary import READ, resource
from zendesk_orm.http.annotations import Self
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import (
    CreateOnly,
    Id,
    Lookup,
    ReadOnly,
    ReadOnlyRef,
    Ref,
    WriteOnly,
)
from zendesk_orm.schema.values import KINDS
from zendesk_orm.support.tickets.attachments import Attachment
from zendesk_orm.support.tickets.uploads import Upload
from zendesk_orm.write.comment_events import LARGEST


if TYPE_CHECKING:
    from zendesk_orm.support.tickets.requests import Request
    from zendesk_orm.support.users.users import User


class RequestCommentManager(Manager["RequestComment"]):
    """The manager `request.comments`."""

    def since(self, moment: datetime) -> Self:
        """Return a query for the comments since a moment.

        Args:
            moment: an aware datetime.

        Raises:
            InvalidValue: `moment` has no time zone.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-requests/#listing-comments
        """
        kind = KINDS["datetime"]
        dumped = kind.dump(kind.accept(moment)) if kind.dump else ""
        return self.filter(since=dumped)


class RequestComment(Model):
    """A public comment on a request, as seen by its requester.

    `request.reply(...)` adds a comment; comments cannot be changed.
    """

    objects = RequestCommentManager.as_manager()

    request: Ref[Request]
    request_id: Id[int]
    type: ReadOnly[str]
    author: ReadOnlyRef[User | None]
    author_id: Id[int | None]
    body: CreateOnly[str]
    html_body: CreateOnly[str | None]
    plain_body: ReadOnly[str | None]
    public: ReadOnly[bool]
    attachments: ReadOnly[list[Attachment]]
    audit_id: ReadOnly[int | None]
    via: ReadOnly[dict[str, Any] | None]
    metadata: ReadOnly[dict[str, Any] | None]
    created_at: ReadOnly[datetime]
    uploads: WriteOnly[list[Upload | str]]

    role: Lookup[Literal["agent", "end_user"]]
    since: Lookup[str]

    class Meta:
        parent = "request"
        max_bytes: ClassVar = {"body": LARGEST, "html_body": LARGEST}
        singular = "comment"
        api = resource(
            "requests/{request}/comments",
            can=READ,
            filters=("role", "since"),
            orders=("created_at",),
            offset_orders=("created_at",),
            default_order="created_at",
        )

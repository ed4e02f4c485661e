"""Comments on requests: what those see who ask.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-requests/#listing-comments
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from zendesk_orm.api.vocabulary import resource
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
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
from zendesk_orm.support.attachments import Attachment
from zendesk_orm.support.uploads import Upload
from zendesk_orm.write.comment_events import LARGEST


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.support.requests import Request
    from zendesk_orm.support.users import User


class RequestCommentManager(Manager["RequestComment"]):
    """`request.comments`, which can begin at a moment."""

    def since(self, moment: datetime) -> Self:
        """Return the comments from a moment on; a query, as `filter()`.

        Args:
            moment: an aware one.

        Raises:
            InvalidValue: it has no time zone.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-requests/#listing-comments
        """
        kind = KINDS["datetime"]
        dumped = kind.dump(kind.accept(moment)) if kind.dump else ""
        return self.filter(since=dumped)


class RequestComment(Model):
    """A public comment on a request, as the one sees it who asks.

    It is written by `request.reply(...)`; none is ever changed.
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
        largest: ClassVar = {"body": LARGEST, "html_body": LARGEST}
        singular = "comment"
        api = resource(
            "requests/{request}/comments",
            can="list show",
            takes="role since",
            orders="created_at",
            offset_orders="created_at",
            natural="created_at",
        )

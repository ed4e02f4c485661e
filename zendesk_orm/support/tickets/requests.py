"""Requests: tickets as seen by end users.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-requests/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm import support
from zendesk_orm.api.actions import alters_data
from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import CREATE, LIST, SEARCH_WALL, SHOW, UPDATE, listing, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.annotations import Self
from zendesk_orm.messages import display
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.relations import Many, RefList, by
from zendesk_orm.schema.arguments import require_text
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import (
    CreateOnly,
    CreateOnlyRef,
    Field,
    Id,
    Lookup,
    ReadOnly,
    ReadOnlyRef,
    WriteOnly,
)
from zendesk_orm.support.tickets.request_comments import RequestComment
from zendesk_orm.write.comment_events import is_same


if TYPE_CHECKING:
    from zendesk_orm.support.groups.groups import Group
    from zendesk_orm.support.organizations.organizations import Organization
    from zendesk_orm.support.tickets.custom_statuses import CustomStatus
    from zendesk_orm.support.tickets.ticket_forms import TicketForm
    from zendesk_orm.support.users.users import User

Status = Literal["new", "open", "pending", "hold", "solved", "closed"]
Priority = Literal["low", "normal", "high", "urgent"]
Type = Literal["problem", "incident", "question", "task"]

_ORDERS = ("created_at", "updated_at")


def _list_of(path: str, *required: str) -> Api:
    """Return a list of requests."""
    return listing(path, key="requests", required=required, offset_orders=_ORDERS)


def _search() -> Api:
    """Return the search for requests."""
    return listing(
        "requests/search",
        key="requests",
        filters={"query": "query", "organization": "organization_id", "status": "status"},
        required=("query",),
        default_order=None,
        fresh=False,
        max_rows=SEARCH_WALL,
        paging=(OFFSET,),
    )


class RequestManager(Manager["Request"]):
    """The manager `Request.objects`, with queries by status."""

    def open(self) -> Self:
        """Return a query for the requests that are not solved yet.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-requests/#list-open-requests
        """
        return self.filter(is_open=True)

    def solved(self) -> Self:
        """Return a query for the solved requests.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-requests/#list-solved-requests
        """
        return self.filter(is_solved=True)

    def copied(self) -> Self:
        """Return a query for the requests of others on which the authenticated user is CC'd.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-requests/#list-ccd-requests
        """
        return self.filter(is_copied=True)


class Request(Model):
    """A ticket as seen by its requester, without internal notes and agents' fields.

    Requests are for end users and anonymous users; agents use `Ticket`. Most fields are set when a
    request is created; later, `reply()` adds comments and `solve()` solves the request. Anonymous
    users pass the requester: `requester_={"name": ..., "email": ...}`.
    """

    objects = RequestManager.as_manager()

    url: ReadOnly[str]
    subject: CreateOnly[str | None]
    description: ReadOnly[str | None]
    status: CreateOnly[Status]
    custom_status: CreateOnlyRef[CustomStatus | None]
    custom_status_id: Id[int | None]
    priority: CreateOnly[Priority | None]
    type: CreateOnly[Type | None]
    custom_fields: CreateOnly[list[dict[str, Any]]]
    ticket_form: CreateOnlyRef[TicketForm | None]
    ticket_form_id: Id[int | None]
    recipient: CreateOnly[str | None]
    due_at: CreateOnly[datetime | None]
    solved: Field[bool | None]
    can_be_solved_by_me: ReadOnly[bool]
    is_public: ReadOnly[bool]
    requester: ReadOnlyRef[User]
    requester_id: Id[int]
    organization: ReadOnlyRef[Organization | None]
    organization_id: Id[int | None]
    assignee: ReadOnlyRef[User | None]
    assignee_id: Id[int | None]
    group: ReadOnlyRef[Group | None]
    group_id: Id[int | None]
    collaborator_ids: ReadOnly[list[int]]
    collaborating_users: RefList[User] = by("collaborator_ids")
    email_cc_ids: ReadOnly[list[int]]
    email_ccs: RefList[User]
    followup_source: ReadOnlyRef[Request | None]
    followup_source_id: Id[int | None]
    via: ReadOnly[dict[str, Any]]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    comment: WriteOnly[RequestComment | None]
    comments: Many[RequestComment]
    collaborators: WriteOnly[list[Any]]
    additional_collaborators: WriteOnly[list[Any]]
    requester_: WriteOnly[dict[str, Any] | None]
    via_followup_source_id: WriteOnly[int | None]

    is_copied: Lookup[Literal[True]]
    is_open: Lookup[Literal[True]]
    is_solved: Lookup[Literal[True]]
    query: Lookup[str]

    get_type_display = Display()
    get_priority_display = Display()
    get_status_display = Display()

    class Meta:
        custom = ("custom_fields", "TicketField")
        required = "comment"
        api = (
            resource("requests", can=LIST | SHOW | CREATE | UPDATE, offset_orders=_ORDERS)
            + _list_of("users/{requester}/requests")
            + _list_of("organizations/{organization}/requests")
            + _list_of("requests/open", "is_open")
            + _list_of("requests/solved", "is_solved")
            + _list_of("requests/ccd", "is_copied")
            + _search()
        )

    @check_arguments
    def reply(
        self,
        body: str,
        *,
        html_body: str | None = None,
        uploads: Iterable[support.Upload | str] = (),
        collaborators: Iterable[Any] = (),
    ) -> Self:
        """Add a comment to the request, and return the updated request.

        Args:
            body: the text of the comment.
            html_body: the comment as HTML, instead of `body`.
            uploads: uploaded files, or their tokens.
            collaborators: users to CC: ids, e-mail addresses, or dictionaries of both.

        Raises:
            InvalidValue: the comment is empty, or the request was never saved.
            ValidationError: the request is closed.
            PermissionDenied and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-requests/#update-request
        """
        self._comment(body, html_body, uploads)
        fields = ["comment"]
        if people := list(collaborators):
            self.additional_collaborators = people
            fields.append("additional_collaborators")
        return self.save(update_fields=fields)

    @alters_data
    @check_arguments
    def solve(self, body: str | None = None) -> Self:
        """Mark the request as solved, optionally with a comment.

        Args:
            body: the text of the comment.

        Raises:
            InvalidValue: the requester cannot solve this request: it must be assigned to an
                agent and must not be a problem.
            PermissionDenied and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-requests/#update-request
        """
        if self._row.get("can_be_solved_by_me") is False:
            raise InvalidValue(
                f"{display(self)} cannot be solved by its requester; it must be assigned to an "
                "agent"
            )
        fields = ["solved"]
        if body is not None:
            self._comment(body)
            fields.append("comment")
        self.solved = True
        return self.save(update_fields=fields)

    _finds_updates = True

    def _find_update(self, payload: Mapping[str, Any], since: str) -> dict[str, Any] | None:
        comment = payload.get("comment")
        if comment is None:
            return {}
        for row in self.comments.order_by("-created_at").iterator():
            if row._row["created_at"] < since:
                break
            if is_same(comment, row._row):
                return {}
        return None

    def _comment(
        self, body: str, html_body: str | None = None, uploads: Iterable[support.Upload | str] = ()
    ) -> None:
        """Set the comment that the next save sends."""
        if self.pk is None:
            raise InvalidValue(
                f"{display(self)} was never saved; create it with comment=... instead"
            )
        require_text("the text of a comment", html_body or body)
        text: dict[str, Any] = {"html_body": html_body} if html_body else {"body": body}
        files = list(uploads)
        self.comment = RequestComment(**text, **({"uploads": files} if files else {}))

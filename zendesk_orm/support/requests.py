"""Requests: tickets as those see them who ask.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-requests/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from attrs import evolve

from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import SEARCH_WALL, listed, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.relations import Many, RefList, by
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
from zendesk_orm.support.request_comments import RequestComment
from zendesk_orm.write.comment_events import is_same


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.support.custom_statuses import CustomStatus
    from zendesk_orm.support.groups import Group
    from zendesk_orm.support.organizations import Organization
    from zendesk_orm.support.ticket_forms import TicketForm
    from zendesk_orm.support.uploads import Upload
    from zendesk_orm.support.users import User

Status = Literal["new", "open", "pending", "hold", "solved", "closed"]
Priority = Literal["low", "normal", "high", "urgent"]
Type = Literal["problem", "incident", "question", "task"]

_ORDERS = "created_at updated_at"


def _listed(path: str, needs: str = "") -> Api:
    return listed(path, key="requests", needs=needs, offset_orders=_ORDERS)


def _searched() -> Api:
    (found,) = listed(
        "requests/search",
        key="requests",
        takes={"query": "query", "organization": "organization_id", "status": "status"},
        needs="query",
        natural=None,
        paging=(OFFSET,),
    )
    return Api((evolve(found, most=SEARCH_WALL, fresh=False),))


class RequestManager(Manager["Request"]):
    """`Request.objects`: one's own requests, by how far they are."""

    def open(self) -> Self:
        """Return the requests that are not solved yet.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-requests/#list-open-requests
        """
        return self.filter(is_open=True)

    def solved(self) -> Self:
        """Return the requests that are solved.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-requests/#list-solved-requests
        """
        return self.filter(is_solved=True)

    def copied(self) -> Self:
        """Return the requests of others that one is copied in on.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-requests/#list-ccd-requests
        """
        return self.filter(is_copied=True)


class Request(Model):
    """A ticket as an end user sees it: one's own, without what agents keep to themselves.

    It is what somebody works with who is signed in as an end user, or as nobody: agents have
    `Ticket`. All is said when it is made; after that it is answered with `reply()`, and can be
    solved with `solve()`. Who is nobody says who asks: `requester_={"name": ..., "email": ...}`.
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
            resource("requests", can="list show create update", offset_orders=_ORDERS)
            + _listed("users/{requester}/requests")
            + _listed("organizations/{organization}/requests")
            + _listed("requests/open", "is_open")
            + _listed("requests/solved", "is_solved")
            + _listed("requests/ccd", "is_copied")
            + _searched()
        )

    def reply(
        self,
        body: str,
        *,
        html_body: str | None = None,
        uploads: Iterable[Upload | str] = (),
        collaborators: Iterable[Any] = (),
    ) -> Self:
        """Write a comment on the request, and return the request brought up to date.

        Args:
            body: what to say.
            html_body: the same as HTML, instead.
            uploads: files that were uploaded, or their tokens.
            collaborators: whom to copy in: ids, addresses, or dictionaries of both.

        Raises:
            InvalidValue: there is nothing to say, or the request was never made.
            ValidationError: it is closed.
            PermissionDenied and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-requests/#update-request
        """
        self._comment(body, html_body, uploads)
        wanted = ["comment"]
        if people := list(collaborators):
            self.additional_collaborators = people
            wanted.append("additional_collaborators")
        return self.save(update_fields=wanted)

    def solve(self, body: str | None = None) -> Self:
        """Say that the request is solved, with a last comment if one is given.

        Args:
            body: what to say.

        Raises:
            InvalidValue: it is known that this request cannot be solved by the one who asks:
                it has to be assigned to an agent, and to be no problem.
            PermissionDenied and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-requests/#update-request
        """
        if self._row.get("can_be_solved_by_me") is False:
            raise InvalidValue(
                f"{self!r} cannot be solved by the one who asks before an agent has it"
            )
        wanted = ["solved"]
        if body is not None:
            self._comment(body)
            wanted.append("comment")
        self.solved = True
        return self.save(update_fields=wanted)

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
        self, body: str, html_body: str | None = None, uploads: Iterable[Upload | str] = ()
    ) -> None:
        """Put a comment on the request that the next save sends."""
        if self.pk is None:
            raise InvalidValue("a request is made with its first comment: comment=...")
        if not body.strip() and not html_body:
            raise InvalidValue("a comment wants words")
        told: dict[str, Any] = {"html_body": html_body} if html_body else {"body": body}
        files = list(uploads)
        self.comment = RequestComment(**told, **({"uploads": files} if files else {}))

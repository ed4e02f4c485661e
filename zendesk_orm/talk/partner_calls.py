"""Calls of other telephone systems (Talk Partner Edition).

Source: https://developer.zendesk.com/api-reference/voice/talk-partner-edition-api/calls/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.actions import action
from zendesk_orm.api.vocabulary import CREATE, SHOW, UPDATE, resource
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.arguments import require_values
from zendesk_orm.schema.fields import CreateOnly, Field, Id, ReadOnly, ReadOnlyRef, Ref
from zendesk_orm.session.action_bodies import object_of


if TYPE_CHECKING:
    from zendesk_orm.support.account_configuration.brands import Brand
    from zendesk_orm.support.organizations.organizations import Organization
    from zendesk_orm.support.tickets.tickets import Ticket
    from zendesk_orm.support.users.users import User

Direction = Literal["inbound", "outbound"]


class PartnerCallManager(Manager["PartnerCall"]):
    """The manager `PartnerCall.objects`, which can create a call with a comment in one request."""

    @action("POST", "calls", key="call")
    def create_with_comment(self, comment: Mapping[str, Any], **values: Any) -> PartnerCall:
        """Create a call and a voice comment about it, and return the call.

        Without `ticket`, Zendesk creates a ticket for the comment.

        Args:
            comment: the comment: `{"title": "Call from Jane", "call_fields":
                ["duration", "queue_time"], "author_id": 5, "display_to_agent": 5}`.
            values: fields of the call.

        Raises:
            FieldError, InvalidValue: before anything is sent.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/documentation/voice/talk-partner-edition/creating-a-voice-comment-in-ticket/
        """
        call = PartnerCall(**values)
        call.attach_to(self._session)
        body = {"call": call.to_payload(), "comment": require_values("comment", comment)}
        return self._call(
            "create_with_comment",
            body,
            then=lambda data: self._from_rows([data["call"]])[0],
            in_dry_run=call,
        )


class PartnerCall(Model):
    """A call of another telephone system, which Zendesk shows in a ticket."""

    objects = PartnerCallManager.as_manager()

    account_id: ReadOnly[int | None]
    app_id: CreateOnly[int]
    external_id: Field[str | None]
    ticket: Ref[Ticket | None]
    ticket_id: Id[int | None]
    end_user: Ref[User | None]
    end_user_id: Id[int | None]
    agent: Ref[User | None]
    agent_id: Id[int | None]
    brand: Ref[Brand | None]
    brand_id: Id[int | None]
    organization: ReadOnlyRef[Organization | None]
    organization_id: Id[int | None]
    direction: Field[Direction]
    from_line: Field[str]
    from_line_nickname: Field[str | None]
    to_line: Field[str]
    to_line_nickname: Field[str | None]
    call_started_at: Field[datetime]
    call_ended_at: Field[datetime | None]
    call_type: Field[str | None]
    call_disposition: Field[str | None]
    call_recording_consent: Field[str | None]
    call_recording_consent_action: Field[str | None]
    call_abandoned_position: ReadOnly[Any]
    callback: ReadOnly[Any]
    callback_number: Field[str | None]
    callback_source: Field[str | None]
    completion_status: Field[str | None]
    consultation_time: Field[int | None]
    customer_requested_voicemail: Field[bool | None]
    dnis: Field[str | None]
    duration: Field[int | None]
    end_user_location: Field[str | None]
    exceeded_queue_time: Field[bool | None]
    hold_time: Field[int | None]
    ivr_action: Field[str | None]
    ivr_destination_group_name: Field[str | None]
    ivr_hops: Field[int | None]
    ivr_routed_to: Field[str | None]
    ivr_time_spent: Field[int | None]
    outside_business_hours: Field[bool | None]
    overflowed: Field[bool | None]
    overflowed_to: Field[str | None]
    phone_name: Field[str | None]
    queue_name: Field[str | None]
    queue_time: Field[int | None]
    recording_control_interactions: Field[int | None]
    recording_time: Field[int | None]
    not_recording_time: Field[int | None]
    recording_url: Field[str | None]
    talk_time: Field[int | None]
    time_to_answer: Field[int | None]
    transcript: Field[str | None]
    voicemail: Field[bool | None]
    wait_time: Field[int | None]
    wrap_up_time: Field[int | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        singular = "call"
        plural = "calls"
        verbose_name = "partner call"
        verbose_name_plural = "partner calls"
        api = resource("calls", can=SHOW | CREATE | UPDATE, update_method="PATCH")

    @action("POST", "calls/{id}/comments")
    def comment(self, title: str, **values: Any) -> dict[str, Any]:
        """Add a voice comment to the ticket of the call, and return the response.

        Args:
            title: the title of the comment.
            values: further keys of the comment: `call_fields=["duration", "queue_time"]`,
                `author_id=5`, `display_to_agent=5`.

        Raises:
            NotFound: the call does not exist.
            ValidationError: the call does not have a ticket.

        Source: https://developer.zendesk.com/api-reference/voice/talk-partner-edition-api/calls/#creates-a-voice-comment-on-a-ticket
        """
        return object_of(self._call("comment", {"title": title, **values}) or {})

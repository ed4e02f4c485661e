"""Calls of other telephone systems, by Talk Partner Edition.

Source: https://developer.zendesk.com/api-reference/voice/talk-partner-edition-api/calls/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import CreateOnly, Field, Id, ReadOnly, ReadOnlyRef, Ref


if TYPE_CHECKING:
    from zendesk_orm.support.brands import Brand
    from zendesk_orm.support.organizations import Organization
    from zendesk_orm.support.tickets import Ticket
    from zendesk_orm.support.users import User

Direction = Literal["inbound", "outbound"]


class PartnerCallManager(Manager["PartnerCall"]):
    """`PartnerCall.objects`, which makes a call, and a comment about it, in one request."""

    def create_with_comment(self, comment: Mapping[str, Any], **values: Any) -> PartnerCall:
        """Create a call and a voice comment about it, and return the call.

        Without a `ticket` a ticket is made for the comment.

        Args:
            comment: what the comment says: `{"title": "Call from Jane", "call_fields":
                ["duration", "queue_time"], "author_id": 5, "display_to_agent": 5}`.
            values: fields of the call.

        Raises:
            FieldError, InvalidValue: before anything is sent.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/documentation/voice/talk-partner-edition/creating-a-voice-comment-in-ticket/
        """
        call = PartnerCall(**values)
        call.attach_to(self._session)
        body = {"call": call.to_payload(), "comment": dict(comment)}
        answer = self._call("create_with_comment", body)
        # A dry run has no answer.
        return self._made([answer["call"]])[0] if answer else call


class PartnerCall(Model):
    """A call of a telephone system of one's own, as Zendesk shows it in a ticket."""

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
        api = (
            resource("calls", can="show create update", update="PATCH")
            + action("create_with_comment", "POST", "calls", "call")
            + action("comment", "POST", "calls/{id}/comments")
        )

    def comment(self, title: str, **values: Any) -> dict[str, Any]:
        """Write a voice comment about the call into its ticket, and return what Zendesk answers.

        Args:
            title: the comment's title.
            values: what else it says: `call_fields=["duration", "queue_time"]`,
                `author_id=5`, `display_to_agent=5`.

        Raises:
            NotFound: there is no such call.
            ValidationError: it has no ticket.

        Source: https://developer.zendesk.com/api-reference/voice/talk-partner-edition-api/calls/#creates-a-voice-comment-on-a-ticket
        """
        told: dict[str, Any] = self._call("comment", {"title": title, **values}) or {}
        return told

"""Calls and their legs, the parts of the participants.

Zendesk has incremental exports of calls and legs, but no lists. It accepts ten requests in a
minute.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/incremental_exports/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.actions import action
from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.api.paging import CALLS
from zendesk_orm.api.vocabulary import incremental_export
from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.relations import by
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef
from zendesk_orm.talk.phone_numbers import PhoneNumber


if TYPE_CHECKING:
    from zendesk_orm.support.groups.groups import Group
    from zendesk_orm.support.tickets.tickets import Ticket
    from zendesk_orm.support.users.users import User

Direction = Literal["inbound", "outbound"]

#: Types of recordings.
RECORDINGS = ("call", "voicemail", "ai")

_RECORDINGS = "channels/voice/calls/{id}/recordings"


class CallManager(Manager["Call"]):
    """The manager `Call.objects`, which can delete recordings by the id of a call."""

    @check_arguments
    def delete_recordings(self, call: Call | int, recording_type: str | None = None) -> None:
        """Delete the recordings of a call; see `Call.delete_recordings()`.

        ::

            Call.objects.delete_recordings(comment.extra["data"]["call_id"])
        """
        pk = self._session.id_of(Call, call, "call")
        record = call if isinstance(call, Call) else self._session.refer(Call, pk)
        record.delete_recordings(recording_type)


class Call(Model):
    """An inbound or outbound call."""

    objects = CallManager.as_manager()

    direction: ReadOnly[Direction]
    completion_status: ReadOnly[str | None]
    agent: ReadOnlyRef[User | None]
    agent_id: Id[int | None]
    customer: ReadOnlyRef[User | None]
    customer_id: Id[int | None]
    ticket: ReadOnlyRef[Ticket | None]
    ticket_id: Id[int | None]
    phone_number: ReadOnly[str | None]
    number: ReadOnlyRef[PhoneNumber | None] = by("phone_number_id")
    phone_number_id: Id[int | None]
    line: ReadOnly[str | None]
    line_id: ReadOnly[int | None]
    line_type: ReadOnly[str | None]
    call_channel: ReadOnly[str | None]
    call_group: ReadOnlyRef[Group | None]
    call_group_id: Id[int | None]
    default_group: ReadOnly[bool | None]
    duration: ReadOnly[int | None]
    talk_time: ReadOnly[int | None]
    hold_time: ReadOnly[int | None]
    wait_time: ReadOnly[int | None]
    wrap_up_time: ReadOnly[int | None]
    consultation_time: ReadOnly[int | None]
    time_to_answer: ReadOnly[int | None]
    exceeded_queue_wait_time: ReadOnly[bool | None]
    outside_business_hours: ReadOnly[bool | None]
    overflowed: ReadOnly[bool | None]
    overflowed_to: ReadOnly[str | None]
    voicemail: ReadOnly[bool | None]
    customer_requested_voicemail: ReadOnly[bool | None]
    callback: ReadOnly[bool | None]
    callback_source: ReadOnly[str | None]
    ivr_action: ReadOnly[str | None]
    ivr_destination_group_name: ReadOnly[str | None]
    ivr_hops: ReadOnly[int | None]
    ivr_routed_to: ReadOnly[str | None]
    ivr_time_spent: ReadOnly[int | None]
    recording_time: ReadOnly[int | None]
    not_recording_time: ReadOnly[int | None]
    recording_control_interactions: ReadOnly[int | None]
    call_recording_consent: ReadOnly[str | None]
    call_recording_consent_action: ReadOnly[str | None]
    call_recording_consent_keypress: ReadOnly[str | None]
    quality_issues: ReadOnly[list[str]]
    minutes_billed: ReadOnly[int | None]
    call_charge: ReadOnly[str | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    changed_since: Lookup[datetime]
    recording_type: Lookup[str]

    class Meta:
        api = incremental_export("channels/voice/stats/incremental/calls", paging=CALLS)

    @action(
        "DELETE",
        f"{_RECORDINGS}/{{recording_type}}",
        name="delete_recording",
        call="delete_recordings(recording_type)",
    )
    @action("DELETE", _RECORDINGS)
    def delete_recordings(self, recording_type: str | None = None) -> None:
        """Delete the recordings of the call permanently.

        Args:
            recording_type: `call`, `voicemail` or `ai`; all by default.

        Raises:
            InvalidValue: the type is unknown.
            NotFound: the recording does not exist.

        Source: https://developer.zendesk.com/api-reference/voice/talk-api/recordings/
        """
        if recording_type is None:
            self._call("delete_recordings")
            return
        if recording_type not in RECORDINGS:
            choices = ", ".join(map(repr, RECORDINGS))
            raise InvalidValue(
                f"recording_type must be one of {choices}, not {display(recording_type)}"
            )
        path = {"recording_type": recording_type}
        self._call("delete_recording", path=path)


class Leg(Model):
    """The part of an agent, of an external number or of the customer in a call."""

    type: ReadOnly[str]
    call: ReadOnlyRef[Call]
    call_id: Id[int]
    agent: ReadOnlyRef[User | None]
    agent_id: Id[int | None]
    user: ReadOnlyRef[User | None]
    user_id: Id[int | None]
    available_via: ReadOnly[str | None]
    forwarded_to: ReadOnly[str | None]
    completion_status: ReadOnly[str | None]
    duration: ReadOnly[int | None]
    talk_time: ReadOnly[int | None]
    hold_time: ReadOnly[int | None]
    wrap_up_time: ReadOnly[int | None]
    consultation_time: ReadOnly[int | None]
    consultation_from: ReadOnly[int | None]
    consultation_to: ReadOnly[Any]
    conference_time: ReadOnly[int | None]
    conference_from: ReadOnly[int | None]
    conference_to: ReadOnly[Any]
    transferred_from: ReadOnly[int | None]
    transferred_to: ReadOnly[Any]
    quality_issues: ReadOnly[list[str]]
    minutes_billed: ReadOnly[int | None]
    call_charge: ReadOnly[str | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    changed_since: Lookup[datetime]

    class Meta:
        api = incremental_export("channels/voice/stats/incremental/legs", paging=CALLS)

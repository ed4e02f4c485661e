"""Digital lines.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/digital_lines/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.vocabulary import CRUD, resource
from zendesk_orm.model import Model
from zendesk_orm.relations import RefList
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref


if TYPE_CHECKING:
    from zendesk_orm.support.account_configuration.brands import Brand
    from zendesk_orm.support.groups.groups import Group
    from zendesk_orm.support.ticket_management.schedules import Schedule
    from zendesk_orm.talk.greetings import Greeting


class DigitalLine(Model):
    """A line without a phone number, for calls from a website or an app.

    `Line.objects.filter(line_type="digital")` lists them.
    """

    line_id: ReadOnly[str]
    line_type: Field[str | None]
    nickname: Field[str]
    brand: Ref[Brand | None]
    brand_id: Id[int | None]
    default_group: Ref[Group | None]
    default_group_id: Id[int | None]
    group_ids: Field[list[int]]
    groups: RefList[Group]
    schedule: Ref[Schedule | None]
    schedule_id: Id[int | None]
    priority: Field[int | None]
    greeting_ids: Field[list[Any]]
    greetings: RefList[Greeting]
    default_greeting_ids: ReadOnly[list[str]]
    categorised_greetings_with_sub_settings: ReadOnly[dict[str, Any]]
    outbound_number: Field[str | None]
    recorded: Field[bool]
    transcription: Field[bool]
    call_recording_consent: Field[str | None]
    created_at: ReadOnly[datetime]

    class Meta:
        cache_seconds = 300
        api = resource("channels/voice/digital_lines", can=CRUD)

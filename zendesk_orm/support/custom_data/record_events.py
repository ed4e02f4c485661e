"""Events of custom object records: who changed which values.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_record_events/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import listing
from zendesk_orm.model import StringIdModel
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef
from zendesk_orm.support.placed import PlacedManager


if TYPE_CHECKING:
    from zendesk_orm.support.custom_data.custom_objects import CustomObjectRecord


class CustomObjectRecordEventManager(PlacedManager["CustomObjectRecordEvent"]):
    """`CustomObjectRecordEvent.objects` and `record.events`."""

    _places = ("custom_object_key", "custom_object_record")


class CustomObjectRecordEvent(StringIdModel):
    """The creation or a change of a custom object record.

    ::

        for event in record.events.all():
            print(event.created_at, event.type, event.actor, event.properties)

    Zendesk keeps events as long as their record.
    """

    objects = CustomObjectRecordEventManager.as_manager()

    custom_object_key: ReadOnly[str]
    custom_object_record: ReadOnlyRef[CustomObjectRecord]
    custom_object_record_id: Id[str]
    type: ReadOnly[str]
    source: ReadOnly[str]
    description: ReadOnly[str | None]
    #: The trigger that changed the record, or the user, under the key `user_id`.
    actor: ReadOnly[dict[str, Any]]
    properties: ReadOnly[dict[str, Any]]
    created_at: ReadOnly[datetime]
    received_at: ReadOnly[datetime | None]

    class Meta:
        verbose_name = "event of a record"
        verbose_name_plural = "events of records"
        api = listing(
            "custom_objects/{custom_object_key}/records/{custom_object_record}/events",
            key="events",
            default_order=None,
            paging=(CURSOR,),
        )

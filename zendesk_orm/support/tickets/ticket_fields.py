"""Ticket fields: system fields and custom fields.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zendesk_orm.api.actions import action_endpoint
from zendesk_orm.api.vocabulary import CRUD, SHOW, listing, resource
from zendesk_orm.relations import Many, by
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, ReadOnlyRef
from zendesk_orm.support.business_rules.rules import OrderedManager
from zendesk_orm.support.tickets.field_definitions import FieldDefinition
from zendesk_orm.support.tickets.field_options import TicketFieldOption


if TYPE_CHECKING:
    from zendesk_orm.support.tickets.ticket_forms import TicketForm
    from zendesk_orm.support.users.users import User


#: Without this parameter, rows do not name their creator.
_CREATOR = {"creator": "true"}


class TicketFieldManager(OrderedManager["TicketField"]):
    """The manager `TicketField.objects`."""

    _order_key = "ticket_field_ids"


class TicketField(FieldDefinition):
    """The definition of a system field or custom field of tickets.

    `field.options` are the options of a drop-down field as objects. `custom_field_options` are
    the same options as dictionaries; saving them replaces all options of the field.
    """

    objects = TicketFieldManager.as_manager()

    agent_description: Field[str | None]
    required: Field[bool]
    collapsed_for_agents: Field[bool]
    title_in_portal: Field[str | None]
    raw_title_in_portal: Field[str | None]
    visible_in_portal: Field[bool]
    editable_in_portal: Field[bool]
    required_in_portal: Field[bool]
    agent_can_edit: ReadOnly[bool]
    key: Field[str | None]
    removable: ReadOnly[bool]
    sub_type_id: Field[int | None]
    creator_app_name: ReadOnly[str | None]
    creator_user: ReadOnlyRef[User | None]
    creator_user_id: Id[int | None]
    system_field_options: ReadOnly[list[dict[str, Any]]]
    custom_statuses: ReadOnly[list[dict[str, Any]]]

    options: Many[TicketFieldOption]
    forms: Many[TicketForm] = by("ticket_field_ids")

    locale: Lookup[str]

    class Meta:
        cache_seconds = 600
        api = (
            resource(
                "ticket_fields", can=CRUD, bulk=SHOW, show_many_by=("key",), row_params=_CREATOR
            )
            + listing(
                "ticket_fields",
                filters=("locale",),
                count=True,
                fits_in_memory=True,
                params=_CREATOR,
            )
            + action_endpoint("reorder", "PUT", "ticket_fields/reorder", "")
        )

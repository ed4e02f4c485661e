"""Ticket fields: the system's, and the account's own.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.relations import Many, by
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, ReadOnlyRef
from zendesk_orm.support.field_definitions import FieldDefinition
from zendesk_orm.support.field_options import TicketFieldOption
from zendesk_orm.support.rules import OrderedManager


if TYPE_CHECKING:
    from zendesk_orm.support.ticket_forms import TicketForm
    from zendesk_orm.support.users import User


class TicketFieldManager(OrderedManager["TicketField"]):
    """`TicketField.objects`."""

    _order_key = "ticket_field_ids"


class TicketField(FieldDefinition):
    """A field that tickets have: what it is called, and which values it takes.

    `field.options` are the values of a drop-down, each an object; `custom_field_options` are
    the same as they lie in the field, which replaces them all when it is saved.
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

    creator: Lookup[bool]
    locale: Lookup[str]

    class Meta:
        keep = 600
        api = (
            resource("ticket_fields", can="show create update delete", many="show", by="key")
            + listed(
                "ticket_fields",
                takes="creator locale",
                count=True,
                small=True,
            )
            + action("reorder", "PUT", "ticket_fields/reorder", "")
        )

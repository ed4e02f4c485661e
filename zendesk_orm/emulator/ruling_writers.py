"""How rules, and what they are made of, are made, changed and deleted.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import (
    ruling_content,
    ruling_fields,
    ruling_forms,
    ruling_macros,
    ruling_routing,
    ruling_writes,
)
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.store import Stored
from zendesk_orm.emulator.world import World
from zendesk_orm.schema.options import Options


Create = Callable[[World, Options, Mapping[str, Any], Mapping[str, Any]], Written]
Update = Callable[[World, Options, Stored, Mapping[str, Any]], Written]
Delete = Callable[[World, Options, Stored], Written]

#: Models whose rows are made, changed or deleted in a way of their own.
CREATES: Mapping[str, Create] = {
    "support.Automation": ruling_writes.create,
    "support.CustomStatus": ruling_forms.create_status,
    "support.DynamicContentItem": ruling_content.create_item,
    "support.DynamicContentVariant": ruling_content.create_variant,
    "support.Macro": ruling_macros.create,
    "support.OrganizationField": ruling_fields.create,
    "support.Queue": ruling_content.create_queue,
    "support.RoutingAttribute": ruling_routing.create,
    "support.RoutingAttributeValue": ruling_routing.create,
    "support.TicketField": ruling_fields.create,
    "support.TicketForm": ruling_forms.create_form,
    "support.Trigger": ruling_writes.create,
    "support.TriggerCategory": ruling_writes.create_category,
    "support.UserField": ruling_fields.create,
    "support.Workspace": ruling_content.create_workspace,
}
UPDATES: Mapping[str, Update] = {
    "support.Automation": ruling_writes.update,
    "support.CustomStatus": ruling_forms.update_status,
    "support.DynamicContentVariant": ruling_content.update_variant,
    "support.Macro": ruling_macros.update,
    "support.OrganizationField": ruling_fields.update,
    "support.Queue": ruling_content.update_queue,
    "support.RoutingAttribute": ruling_routing.update,
    "support.RoutingAttributeValue": ruling_routing.update,
    "support.TicketField": ruling_fields.update,
    "support.TicketForm": ruling_forms.update_form,
    "support.Trigger": ruling_writes.update,
    "support.UserField": ruling_fields.update,
    "support.Workspace": ruling_content.update_workspace,
}
DELETES: Mapping[str, Delete] = {
    "support.CustomStatus": ruling_forms.delete_status,
    "support.DynamicContentVariant": ruling_content.delete_variant,
    "support.RoutingAttribute": ruling_routing.delete,
    "support.RoutingAttributeValue": ruling_routing.delete,
    "support.TicketForm": ruling_forms.delete_form,
    "support.TriggerCategory": ruling_writes.delete_category,
}

"""Custom fields of organizations.

Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organization_fields/
"""

from __future__ import annotations

from zendesk_orm.api.actions import action_endpoint
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.support.business_rules.rules import OrderedManager
from zendesk_orm.support.users.user_fields import KeyedField


class OrganizationFieldManager(OrderedManager["OrganizationField"]):
    """`OrganizationField.objects`."""

    _order_key = "organization_field_ids"


class OrganizationField(KeyedField):
    """A custom field of organizations.

    `organization.organization_fields` has the values by key.
    """

    objects = OrganizationFieldManager.as_manager()

    class Meta:
        cache_seconds = 600
        required = ("key", "title")
        api = resource(
            "organization_fields", filters=("resolve_dc",), fits_in_memory=True
        ) + action_endpoint("reorder", "PUT", "organization_fields/reorder", "")

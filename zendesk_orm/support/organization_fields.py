"""Custom fields of organizations.

Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organization_fields/
"""

from __future__ import annotations

from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.support.rules import OrderedManager
from zendesk_orm.support.user_fields import KeyedField


class OrganizationFieldManager(OrderedManager["OrganizationField"]):
    """`OrganizationField.objects`."""

    _order_key = "organization_field_ids"


class OrganizationField(KeyedField):
    """A field that an account has added to its organizations.

    `organization.organization_fields` has the values by key.
    """

    objects = OrganizationFieldManager.as_manager()

    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride] # its own, as in Django
        keep = 600
        required = ("key", "title")
        api = resource("organization_fields", takes="resolve_dc", small=True) + action(
            "reorder", "PUT", "organization_fields/reorder", ""
        )

"""Custom fields of users.

Source: https://developer.zendesk.com/api-reference/ticketing/users/user_fields/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zendesk_orm.api.actions import action_endpoint
from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.relations import Many
from zendesk_orm.schema.fields import CreateOnly, Lookup, ReadOnly
from zendesk_orm.support.business_rules.rules import OrderedManager
from zendesk_orm.support.tickets.field_definitions import FieldDefinition
from zendesk_orm.support.tickets.field_options import UserFieldOption


class KeyedField(FieldDefinition):
    """A custom field of users or organizations, identified by its key."""

    key: CreateOnly[str]
    system: ReadOnly[bool]

    resolve_dc: Lookup[bool]

    if not TYPE_CHECKING:  # Checkers require each `Meta` to be a subclass of the one above.

        class Meta:
            abstract = True


class UserFieldManager(OrderedManager["UserField"]):
    """`UserField.objects`."""

    _order_key = "user_field_ids"


class UserField(KeyedField):
    """A custom field of users; `user.user_fields` has the values by key.

    `field.options` are the values of a drop-down.
    """

    objects = UserFieldManager.as_manager()

    options: Many[UserFieldOption]

    class Meta:
        cache_seconds = 600
        required = ("key", "title")
        api = (
            resource("user_fields", filters=("resolve_dc",), fits_in_memory=True)
            + Api(
                (Endpoint(Verb.SHOW_MANY, "user_fields/show_many", "user_fields", {"key": "keys"}),)
            )
            + action_endpoint("reorder", "PUT", "user_fields/reorder", "")
        )

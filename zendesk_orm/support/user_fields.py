"""Custom fields of users.

Source: https://developer.zendesk.com/api-reference/ticketing/users/user_fields/
"""

from __future__ import annotations

from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.relations import Many
from zendesk_orm.schema.fields import CreateOnly, Lookup, ReadOnly
from zendesk_orm.support.field_definitions import FieldDefinition
from zendesk_orm.support.field_options import UserFieldOption
from zendesk_orm.support.rules import OrderedManager


class KeyedField(FieldDefinition):
    """A field that an account has added to users, or to organizations, known by its key."""

    key: CreateOnly[str]
    system: ReadOnly[bool]

    resolve_dc: Lookup[bool]

    class Meta:
        abstract = True


class UserFieldManager(OrderedManager["UserField"]):
    """`UserField.objects`."""

    _order_key = "user_field_ids"


class UserField(KeyedField):
    """A field that an account has added to its users; `user.user_fields` has the values by key.

    `field.options` are the values of a drop-down, each an object.
    """

    objects = UserFieldManager.as_manager()

    options: Many[UserFieldOption]

    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride] # its own, as in Django
        keep = 600
        required = ("key", "title")
        api = (
            resource("user_fields", takes="resolve_dc", small=True)
            + Api(
                (Endpoint(Verb.SHOW_MANY, "user_fields/show_many", "user_fields", {"key": "keys"}),)
            )
            + action("reorder", "PUT", "user_fields/reorder", "")
        )

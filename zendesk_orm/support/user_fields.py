"""Custom fields of users.

Source: https://developer.zendesk.com/api-reference/ticketing/users/user_fields/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.model import Model
from zendesk_orm.relations import Many
from zendesk_orm.schema.fields import CreateOnly, Field, Lookup, ReadOnly
from zendesk_orm.support.field_options import UserFieldOption
from zendesk_orm.support.rules import OrderedManager


class KeyedField(Model):
    """A field that an account has added to users, or to organizations, known by its key."""

    url: ReadOnly[str]
    key: CreateOnly[str]
    type: CreateOnly[str]
    title: Field[str]
    raw_title: Field[str | None]
    description: Field[str | None]
    raw_description: Field[str | None]
    position: Field[int | None]
    active: Field[bool]
    system: ReadOnly[bool]
    regexp_for_validation: Field[str | None]
    tag: Field[str | None]
    custom_field_options: Field[list[dict[str, Any]]]
    relationship_target_type: CreateOnly[str | None]
    relationship_filter: Field[dict[str, Any] | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

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

    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride]
        keep = 600
        required = ("key", "title")
        api = (
            resource("user_fields", takes="resolve_dc", small=True)
            + Api(
                (Endpoint(Verb.SHOW_MANY, "user_fields/show_many", "user_fields", {"key": "keys"}),)
            )
            + action("reorder", "PUT", "user_fields/reorder", "")
        )

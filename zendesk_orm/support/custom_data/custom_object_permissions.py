"""Permissions for records of custom objects.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_permissions/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.actions import action
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import LIST, SHOW, UPDATE, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.model import Model, StringIdModel
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref
from zendesk_orm.session.action_bodies import object_of


if TYPE_CHECKING:
    from zendesk_orm.support.custom_data.custom_objects import CustomObject

_RULES = "custom_objects/{custom_object}/access_rules"
_POLICIES = "custom_objects/{custom_object}/permission_policies"


class AccessRuleManager(Manager["AccessRule"]):
    """`AccessRule.objects`, and `car.access_rules`."""

    @action("GET", f"{_RULES}/definitions", key="definitions")
    def definitions(self) -> dict[str, Any]:
        """Return the conditions that access rules of one object can use.

        `car.access_rules.definitions()`.

        Raises:
            InvalidValue: the query has no object.

        Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_permissions/#list-access-rule-definitions
        """
        return fetch_definitions(self)


class AccessRule(Model):
    """Conditions that select records of a custom object for a permission policy."""

    objects = AccessRuleManager.as_manager()

    custom_object: Ref[CustomObject]
    custom_object_id: Id[str]
    title: Field[str]
    description: Field[str | None]
    conditions: Field[dict[str, Any]]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        parent = "custom_object"
        required = ("title",)
        api = resource(_RULES, fits_in_memory=True, paging=(ONCE,), update_method="PATCH")


class PermissionPolicy(StringIdModel):
    """The permissions of a role for records of a custom object, which access rules can restrict.

    Its id is `end-user`, or `custom-role-` and the id of a role.
    """

    custom_object: Ref[CustomObject]
    custom_object_id: Id[str]
    role_name: ReadOnly[str]
    records: Field[dict[str, Any]]

    class Meta:
        parent = "custom_object"
        singular = "policy"
        plural = "policies"
        verbose_name = "permission policy"
        verbose_name_plural = "permission policies"
        api = resource(
            _POLICIES,
            can=LIST | SHOW | UPDATE,
            key="policies",
            default_order=None,
            fits_in_memory=True,
            paging=(ONCE,),
            update_method="PATCH",
        )


def fetch_definitions(manager: Manager[Any]) -> dict[str, Any]:
    """Fetch the conditions and actions that rules of one object can use.

    Raises:
        InvalidValue: the query has no object.
    """
    key = manager._query.exact_values.get("custom_object")
    if key is None:
        raise InvalidValue(
            'the query must have an object: .filter(custom_object="car").definitions()'
        )
    data = manager._call("definitions", path={"custom_object": key})
    return object_of(data, "definitions")

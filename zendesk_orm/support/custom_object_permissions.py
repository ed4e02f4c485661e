"""Who may do what to the records of custom objects.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_permissions/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref


if TYPE_CHECKING:
    from zendesk_orm.support.custom_objects import CustomObject

_RULES = "custom_objects/{custom_object}/access_rules"
_POLICIES = "custom_objects/{custom_object}/permission_policies"


class AccessRuleManager(Manager["AccessRule"]):
    """`AccessRule.objects`, and `car.access_rules`."""

    def definitions(self) -> dict[str, Any]:
        """Return what rules of one object can ask: `car.access_rules.definitions()`.

        Raises:
            InvalidValue: the query names no object.

        Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_permissions/#list-access-rule-definitions
        """
        return definitions_of(self)


class AccessRule(Model):
    """Which records of a custom object a policy is about: those for which conditions hold."""

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
        api = resource(_RULES, small=True, paging=(ONCE,), update="PATCH") + action(
            "definitions", "GET", f"{_RULES}/definitions", "definitions"
        )


class PermissionPolicy(Model):
    """What a role may do to records of a custom object, each thing where a rule allows it.

    Its id is `end-user`, or `custom-role-` and the id of a role.
    """

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
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
            can="list show update",
            key="policies",
            natural=None,
            small=True,
            paging=(ONCE,),
            update="PATCH",
        )


def definitions_of(manager: Manager[Any]) -> dict[str, Any]:
    """Return what the rules of one object can ask, and do.

    Raises:
        InvalidValue: the query names no object.
    """
    key = manager._query.fixed.get("custom_object")
    if key is None:
        raise InvalidValue('name the object: .filter(custom_object="car").definitions()')
    answer = manager._call("definitions", path={"custom_object": key})
    found: dict[str, Any] = answer["definitions"]
    return found

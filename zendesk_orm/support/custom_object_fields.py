"""The fields of custom objects: what their records hold.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_fields/
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.schema.fields import CreateOnly, Field, Id, Lookup, ReadOnly, Ref
from zendesk_orm.support.field_definitions import FieldDefinition
from zendesk_orm.support.rules import ids_of


if TYPE_CHECKING:
    from zendesk_orm.support.custom_objects import CustomObject

_PATH = "custom_objects/{custom_object}/fields"


class CustomObjectFieldManager(Manager["CustomObjectField"]):
    """`CustomObjectField.objects`, and `car.fields`."""

    def reorder(self, fields: Iterable[CustomObjectField | int]) -> None:
        """Give the fields of one object a new order, in one request.

        Zendesk does not describe the body; what it is called is recalled and not confirmed.

        Args:
            fields: fields, or their ids, in the new order.

        Raises:
            InvalidValue: there are none, or the query names no object: `car.fields.reorder()`.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_fields/#reorder-custom-fields-of-an-object
        """
        key = self._query.fixed.get("custom_object")
        if key is None:
            raise InvalidValue('name the object: .filter(custom_object="car"), or car.fields')
        ids = ids_of(self._session, self.model, fields, "reorder")
        self._call("reorder", {"custom_object_field_ids": ids}, {"custom_object": key})


class CustomObjectField(FieldDefinition):
    """A field of a custom object: `car.fields.create(key="color", title="Color", type="text")`.

    `filter(include_standard_fields=True)` gives the name and the external id as well.
    """

    objects = CustomObjectFieldManager.as_manager()

    custom_object: Ref[CustomObject]
    custom_object_id: Id[str]
    key: CreateOnly[str]
    required: Field[bool]
    readonly: ReadOnly[bool]
    system: ReadOnly[bool]
    properties: Field[dict[str, Any]]

    include_standard_fields: Lookup[bool]

    class Meta:
        parent = "custom_object"
        required = ("key", "title")
        api = resource(
            _PATH,
            key="custom_object_fields",
            takes="include_standard_fields",
            natural=None,
            small=True,
            update="PATCH",
        ) + action("reorder", "PUT", f"{_PATH}/reorder")

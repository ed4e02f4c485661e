"""Fields of custom objects.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_fields/
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.actions import action
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import CreateOnly, Field, Id, Lookup, ReadOnly, Ref
from zendesk_orm.support.business_rules.rules import ids_of
from zendesk_orm.support.tickets.field_definitions import FieldDefinition


if TYPE_CHECKING:
    from zendesk_orm.support.custom_data.custom_objects import CustomObject

_PATH = "custom_objects/{custom_object}/fields"


class CustomObjectFieldManager(Manager["CustomObjectField"]):
    """`CustomObjectField.objects`, and `car.fields`."""

    @action("PUT", f"{_PATH}/reorder")
    def reorder(self, fields: Iterable[CustomObjectField | int]) -> None:
        """Change the order of the fields of one object, in one request.

        Zendesk does not document the body; the name of its key is an unconfirmed assumption.

        Args:
            fields: fields, or their ids, in the new order.

        Raises:
            InvalidValue: `fields` is empty, or the query has no object: use `car.fields.reorder()`.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_fields/#reorder-custom-fields-of-an-object
        """
        key = self._query.exact_values.get("custom_object")
        if key is None:
            raise InvalidValue(
                'the query must have an object: .filter(custom_object="car"), or car.fields'
            )
        ids = ids_of(self._session, self.model, fields, "reorder")
        self._call("reorder", {"custom_object_field_ids": ids}, {"custom_object": key})


class CustomObjectField(FieldDefinition):
    """A field of a custom object: `car.fields.create(key="color", title="Color", type="text")`.

    `filter(include_standard_fields=True)` also returns the standard fields (name, external id).
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
        required = ("key", "title", "type")
        api = resource(
            _PATH,
            key="custom_object_fields",
            filters=("include_standard_fields",),
            default_order=None,
            fits_in_memory=True,
            update_method="PATCH",
        )

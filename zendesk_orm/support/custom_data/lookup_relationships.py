"""Lookup relationships: objects that refer to another by a custom field.

Source: https://developer.zendesk.com/api-reference/ticketing/lookup_relationships/lookup_relationships/
"""

from __future__ import annotations

from typing import Any, TypeVar

from zendesk_orm.api.actions import action
from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema import registry
from zendesk_orm.schema.definitions import RECORDS, TARGETS
from zendesk_orm.schema.fields import Lookup
from zendesk_orm.schema.loading import load_bool, load_str
from zendesk_orm.session.action_bodies import object_of, objects_of, request_of, value_of
from zendesk_orm.session.responses import malformed
from zendesk_orm.support.custom_data.custom_object_fields import CustomObjectField
from zendesk_orm.support.custom_data.custom_objects import CustomObject, CustomObjectRecord
from zendesk_orm.support.organizations.organization_fields import OrganizationField
from zendesk_orm.support.tickets.ticket_fields import TicketField
from zendesk_orm.support.users.user_fields import UserField


S = TypeVar("S", bound=Model)

#: The models of custom fields, which include lookup fields.
_FIELDS = (TicketField, UserField, OrganizationField, CustomObjectField)
#: Zendesk's names for the models that lookup fields belong to and refer to.
TYPES: dict[Any, str] = {registry.find(name, "support"): type_ for type_, name in TARGETS.items()}


class LookupRelationshipManager(Manager["LookupRelationship"]):
    """`LookupRelationship.objects`."""

    @action("GET", "{target_type}/{target_id}/relationship_fields/{field_id}/{source_type}")
    def sources(
        self,
        target: Model,
        field: Model | int,
        source: type[S],
        *,
        custom_object_key: str | None = None,
    ) -> list[S]:
        """Return all objects of a model whose lookup field refers to the target.

        ::

            field = TicketField.objects.get(title="Success Manager")
            tickets = LookupRelationship.objects.sources(user, field, Ticket)

        Args:
            target: a user, ticket, organization or record that objects refer to.
            field: the custom field, or its id.
            source: the model of the objects: `Ticket`, `User`, `Organization` or
                `CustomObjectRecord`.
            custom_object_key: the key of the object if `source` is `CustomObjectRecord`.

        Raises:
            InvalidValue: a model cannot have lookup fields, or cannot be referred to.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/lookup_relationships/lookup_relationships/#get-sources-by-target
        """
        session = self._session
        field_model = type(field) if isinstance(field, _FIELDS) else TicketField
        pk = session.id_of(field_model, field, "sources")
        path = {
            "target_type": type_name(target),
            "target_id": session.id_of(type(target), target, "sources"),
            "field_id": pk,
            "source_type": type_name(source, custom_object_key),
        }
        records: list[S] = []
        visited: set[str] = set()
        page: dict[str, Any] = {"page[size]": 100}
        while True:
            data = self._call("sources", None, path, **page)
            rows = objects_of(data, source._meta.plural)
            records += self._session.materialize(source, rows)
            meta = object_of(data, "meta")
            if not value_of(meta, "has_more", load_bool):
                return records
            cursor = value_of(meta, "after_cursor", load_str)
            if not rows or cursor in visited:
                raise malformed(request_of(data), "there are more rows, but no link to them")
            visited.add(cursor)
            page["page[after]"] = cursor

    @action("GET", "relationships/definitions/{target_type}", key="definitions")
    def definitions(
        self, target: type[Model] | CustomObject, source: type[Model] | CustomObject | None = None
    ) -> dict[str, Any]:
        """Return the conditions that the filter of a lookup field for a model can use.

        Args:
            target: the model that the field refers to: `User`, `Ticket`, `Organization`, or a
                custom object.
            source: the model that has the field, or a custom object.

        Raises:
            InvalidValue: lookup fields cannot refer to the target.

        Source: https://developer.zendesk.com/api-reference/ticketing/lookup_relationships/lookup_relationships/#filter-definitions
        """
        for model in (target, source):
            if isinstance(model, CustomObject):
                self._session.id_of(CustomObject, model, "definitions")
        params = {} if source is None else {"source_type": type_name(source)}
        path = {"target_type": type_name(target)}
        data = self._call("definitions", None, path, then=None, **params)
        definitions: dict[str, Any] = data["definitions"]
        return definitions


class LookupRelationship(Model):
    """A reference from one object to another by a lookup field."""

    objects = LookupRelationshipManager.as_manager()

    target_type: Lookup[str]
    target_id: Lookup[str]
    field_id: Lookup[str]
    source_type: Lookup[str]


def type_name(value: Any, key: str | None = None) -> str:
    """Return Zendesk's type name for an object, a model, or the records of a custom object.

    Raises:
        InvalidValue: lookup fields cannot belong to it or refer to it.
    """
    if isinstance(value, CustomObject):
        key = value.pk
    elif isinstance(value, CustomObjectRecord):
        key = value.custom_object_key
    elif value is not CustomObjectRecord:
        model = value if isinstance(value, type) else type(value)
        name = TYPES.get(model)
        if name is None:
            raise InvalidValue(
                "lookup fields must belong and refer to users, tickets, organizations or records "
                f"of custom objects, not {display(value)}"
            )
        return name
    if not key:
        raise InvalidValue("the object is missing: pass custom_object_key=, or a CustomObject")
    return f"{RECORDS}{key}"

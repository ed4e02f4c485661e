"""Lookup relationships: which rows point to another by a custom field.

Source: https://developer.zendesk.com/api-reference/ticketing/lookup_relationships/lookup_relationships/
"""

from __future__ import annotations

from typing import Any, TypeVar

from zendesk_orm.api.vocabulary import action
from zendesk_orm.errors import InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema import registry
from zendesk_orm.schema.definitions import RECORDS, TARGETS
from zendesk_orm.schema.fields import Lookup
from zendesk_orm.support.custom_object_fields import CustomObjectField
from zendesk_orm.support.custom_objects import CustomObject, CustomObjectRecord
from zendesk_orm.support.organization_fields import OrganizationField
from zendesk_orm.support.ticket_fields import TicketField
from zendesk_orm.support.user_fields import UserField


S = TypeVar("S", bound=Model)

#: The models of custom fields, some of which lead to other rows.
_FIELDS = (TicketField, UserField, OrganizationField, CustomObjectField)
#: What Zendesk calls the types of which lookup fields are, and to which they lead.
TYPES: dict[Any, str] = {registry.find(name, "support"): type_ for type_, name in TARGETS.items()}


class LookupRelationshipManager(Manager["LookupRelationship"]):
    """`LookupRelationship.objects`."""

    def sources(
        self,
        target: Model,
        field: Model | int,
        source: type[S],
        *,
        custom_object_key: str | None = None,
    ) -> list[S]:
        """Return the rows of a type whose custom field holds the target: all, page by page.

        ::

            field = TicketField.objects.get(title="Success Manager")
            tickets = LookupRelationship.objects.sources(user, field, Ticket)

        Args:
            target: a user, ticket, organization or record, to which rows point.
            field: the custom field, or its id.
            source: what points: `Ticket`, `User`, `Organization` or `CustomObjectRecord`.
            custom_object_key: of which object, where records point.

        Raises:
            InvalidValue: there are no lookup fields of, or to, such a thing.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/lookup_relationships/lookup_relationships/#get-sources-by-target
        """
        session = self._session
        kind = type(field) if isinstance(field, _FIELDS) else TicketField
        pk = session.id_of(kind, field, "sources")
        path = {
            "target_type": type_of(target),
            "target_id": session.id_of(type(target), target, "sources"),
            "field_id": pk,
            "source_type": type_of(source, custom_object_key),
        }
        found: list[S] = []
        page: dict[str, Any] = {"page[size]": 100}
        while True:
            answer = self._call("sources", None, path, **page)
            found += self._session.take_in(source, answer[source._meta.plural])
            if not answer["meta"]["has_more"]:
                return found
            page["page[after]"] = answer["meta"]["after_cursor"]

    def definitions(
        self, target: type[Model] | CustomObject, source: type[Model] | CustomObject | None = None
    ) -> dict[str, Any]:
        """Return what the filter of a lookup field that leads to a type can ask.

        Args:
            target: what the field leads to: `User`, `Ticket`, `Organization`, or a custom
                object.
            source: what has the field.

        Raises:
            InvalidValue: no lookup field leads there.

        Source: https://developer.zendesk.com/api-reference/ticketing/lookup_relationships/lookup_relationships/#filter-definitions
        """
        for each in (target, source):
            if isinstance(each, CustomObject):
                self._session.id_of(CustomObject, each, "definitions")
        asked = {} if source is None else {"source_type": type_of(source)}
        answer = self._call("definitions", None, {"target_type": type_of(target)}, **asked)
        told: dict[str, Any] = answer["definitions"]
        return told


class LookupRelationship(Model):
    """What a custom field that leads to another row makes of the two."""

    objects = LookupRelationshipManager.as_manager()

    target_type: Lookup[str]
    target_id: Lookup[str]
    field_id: Lookup[str]
    source_type: Lookup[str]

    class Meta:
        api = action(
            "sources",
            "GET",
            "{target_type}/{target_id}/relationship_fields/{field_id}/{source_type}",
        ) + action("definitions", "GET", "relationships/definitions/{target_type}", "definitions")


def type_of(thing: Any, key: str | None = None) -> str:
    """Return what Zendesk calls the type of a row, of a model, or of a custom object's records.

    Raises:
        InvalidValue: no lookup field is of it, or leads to it.
    """
    if isinstance(thing, CustomObject):
        key = thing.pk
    elif isinstance(thing, CustomObjectRecord):
        key = thing.custom_object_key
    elif thing is not CustomObjectRecord:
        model = thing if isinstance(thing, type) else type(thing)
        found = TYPES.get(model)
        if found is None:
            raise InvalidValue(
                "lookup fields lead from and to users, tickets, organizations and records of "
                f"custom objects, not {thing!r}"
            )
        return found
    if not key:
        raise InvalidValue("name the object: custom_object_key=, or a CustomObject")
    return f"{RECORDS}{key}"

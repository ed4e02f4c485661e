"""Owners of custom fields: tickets, users, organizations, and each custom object."""

from __future__ import annotations

import re
from typing import Any

from attrs import frozen

from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.schema.definitions import Definition, parse_definition
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.row import Row
from zendesk_orm.support import CustomObject, CustomObjectField, TicketField


_TEXT_TYPES = frozenset({"text", "textarea", "regexp"})
_SHARED_TYPES = _TEXT_TYPES | {"checkbox", "date", "decimal", "integer", "lookup", "multiselect"}
#: The types that tickets alone have; all others have those below.
#: Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/#create-ticket-field
_TICKET_TYPES = _SHARED_TYPES | {"partialcreditcard", "tagger"}
#: Source: https://developer.zendesk.com/api-reference/ticketing/users/user_fields/#json-format
_KEYED_TYPES = _SHARED_TYPES | {"currency", "dropdown"}
#: Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_fields/#create-custom-object-field
_OBJECT_TYPES = _KEYED_TYPES | {"parent"}

#: Keys consist of letters, digits and underscores, and not of digits alone. The library looks up
#: names in lower case as keys, and others as titles.
#: Source: https://developer.zendesk.com/api-reference/ticketing/users/user_fields/#json-format
_KEY = re.compile(r"(?=.*[a-z_])[a-z0-9_]+")
#: Keys of custom objects and of their fields begin with a letter; unconfirmed.
_OBJECT_KEY = re.compile(r"[a-z][a-z0-9_]*")

#: Attributes that `CustomField` and `Meta` have arguments for, or that follow from others.
_EXPRESSED = frozenset(
    {
        *("title", "type", "custom_field_options", "required", "regexp_for_validation"),
        *("custom_object", "sub_type_id"),
    }
)


@frozen
class Owner:
    """The rows that custom fields belong to.

    Attributes:
        model: the model of the fields: `TicketField`.
        custom_object: the key of the custom object, or "".
    """

    model: Any
    custom_object: str = ""

    @property
    def by_id(self) -> bool:
        """Whether fields are identified by ids and titles, instead of keys."""
        return self.model is TicketField

    @property
    def types(self) -> frozenset[str]:
        """The types of fields that can be created."""
        if self.by_id:
            return _TICKET_TYPES
        return _OBJECT_TYPES if self.model is CustomObjectField else _KEYED_TYPES

    @property
    def attributes(self) -> frozenset[str]:
        """The attributes of fields that declarations may set in `attributes`."""
        return get_writable_names(self.model._meta) - _EXPRESSED

    def describe(self, name: str) -> str:
        """Return the description of a field: `ticket field 'Product'`."""
        if self.custom_object:
            return f"field {display(name)} of custom object {display(self.custom_object)}"
        return f"{self.model._meta.verbose_name} {display(name)}"

    def parse(self, row: Row) -> Definition | None:
        """Return the definition in a row; None for a standard field."""
        return parse_definition(row, by_id=self.by_id)

    def check_key(self, key: str) -> None:
        """Check the key of a new field.

        Raises:
            InvalidValue: the key is invalid.
        """
        pattern = _OBJECT_KEY if self.model is CustomObjectField else _KEY
        _check_key(key, pattern, 'set attributes={"key": "..."}')


def check_object_key(key: str) -> None:
    """Check the key of a new custom object.

    Raises:
        InvalidValue: the key is invalid.
    """
    _check_key(key, _OBJECT_KEY, "change custom_object_key in Meta.filter")


def _check_key(key: str, pattern: re.Pattern[str], remedy: str) -> None:
    """Check that a new key has the form of a key.

    Raises:
        InvalidValue: it has another form.
    """
    if not pattern.fullmatch(key):
        raise InvalidValue(
            f"the key {display(key)} must consist of a-z, 0-9 and _, and start with a letter: "
            f"{remedy}"
        )


def get_writable_names(meta: Options) -> frozenset[str]:
    """Return the names of the fields of a model that can be set, without raw values."""
    return frozenset(
        field.name
        for field in meta.fields.values()
        if field.editable and not field.name.startswith("raw_") and field.name != "id"
    )


def get_object_names() -> frozenset[str]:
    """Return the attributes of custom objects that `Meta.custom_object` may set."""
    return get_writable_names(CustomObject._meta) - {"key"}

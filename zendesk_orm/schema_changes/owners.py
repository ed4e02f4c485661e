"""Owners of custom fields: tickets, users, organizations, and each custom object."""

from __future__ import annotations

import re
from typing import Any

from attrs import frozen

from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.schema.definitions import Definition, parse_definition
from zendesk_orm.schema.row import Row
from zendesk_orm.support import CustomObjectField, TicketField


#: Keys consist of letters, digits and underscores, and not of digits alone. The library looks up
#: names in lower case as keys, and others as titles.
#: Source: https://developer.zendesk.com/api-reference/ticketing/users/user_fields/#json-format
_KEY = re.compile(r"(?=.*[a-z_])[a-z0-9_]+")
#: Keys of custom objects and of their fields begin with a letter; unconfirmed.
_OBJECT_KEY = re.compile(r"[a-z][a-z0-9_]*")


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

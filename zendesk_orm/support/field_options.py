"""The options of custom fields: what a drop-down offers.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/#list-ticket-field-options
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref


if TYPE_CHECKING:
    from zendesk_orm.support.ticket_fields import TicketField
    from zendesk_orm.support.user_fields import UserField

_KEY = "custom_field_options"


def _options(path: str) -> Api:
    """Return the endpoints below a field: a POST that names an id updates that option."""
    update = Endpoint(Verb.UPDATE, path, _KEY, method="POST")
    found = resource(path, can="list show create delete", key=_KEY, natural=None, small=True)
    return found + Api((update,))


class FieldOption(Model):
    """One of the values that a drop-down offers.

    A ticket, or a user, has its `value`, which is also the tag that a ticket gets.
    """

    url: ReadOnly[str]
    name: Field[str]
    raw_name: ReadOnly[str]
    value: Field[str]
    position: Field[int | None]
    allow_solving: Field[bool | None]

    class Meta:
        abstract = True
        singular = "custom_field_option"

    def to_payload(self, names: Iterable[str] | None = None) -> dict[str, Any]:
        """Return what is sent: of an option that exists, the id and what it cannot do without.

        Args:
            names: fields to send; all that changed by default.
        """
        payload = super().to_payload(names)
        if payload and self.pk is not None:
            return {"id": self.pk, "name": self.name, "value": self.value, **payload}
        return payload


class TicketFieldOption(FieldOption):
    """One of the values that a drop-down of tickets offers."""

    ticket_field: Ref[TicketField]
    ticket_field_id: Id[int]

    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride] # its own, as in Django
        parent = "ticket_field"
        singular = "custom_field_option"
        required = ("name", "value")
        api = _options("ticket_fields/{ticket_field}/options")


class UserFieldOption(FieldOption):
    """One of the values that a drop-down of users offers."""

    user_field: Ref[UserField]
    user_field_id: Id[int]

    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride] # its own, as in Django
        parent = "user_field"
        singular = "custom_field_option"
        required = ("name", "value")
        api = _options("user_fields/{user_field}/options")

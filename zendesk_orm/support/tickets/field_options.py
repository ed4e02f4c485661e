"""Options of drop-down fields.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/#list-ticket-field-options
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.vocabulary import CREATE, DELETE, LIST, SHOW, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref


if TYPE_CHECKING:
    from zendesk_orm.support.tickets.ticket_fields import TicketField
    from zendesk_orm.support.users.user_fields import UserField

_KEY = "custom_field_options"


def _options(path: str) -> Api:
    """Return the endpoints below a field; a POST with an id updates that option."""
    update = Endpoint(Verb.UPDATE, path, _KEY, method="POST")
    api = resource(
        path, can=LIST | SHOW | CREATE | DELETE, key=_KEY, default_order=None, fits_in_memory=True
    )
    return api + Api((update,))


class FieldOption(Model):
    """An option of a drop-down field.

    Tickets and users contain its `value`, which is also added to the tags of tickets.
    """

    url: ReadOnly[str]
    name: Field[str]
    raw_name: ReadOnly[str]
    value: Field[str]
    position: Field[int | None]
    allow_solving: Field[bool | None]

    if not TYPE_CHECKING:  # Checkers require each `Meta` to be a subclass of the one above.

        class Meta:
            abstract = True
            singular = "custom_field_option"

    def _complete_payload(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return a payload with the id, name and value, which every update requires."""
        if payload and self.pk is not None:
            return {"id": self.pk, "name": self.name, "value": self.value, **payload}
        return payload


class TicketFieldOption(FieldOption):
    """An option of a drop-down field of tickets."""

    ticket_field: Ref[TicketField]
    ticket_field_id: Id[int]

    class Meta:
        parent = "ticket_field"
        singular = "custom_field_option"
        required = ("name", "value")
        api = _options("ticket_fields/{ticket_field}/options")


class UserFieldOption(FieldOption):
    """An option of a drop-down field of users."""

    user_field: Ref[UserField]
    user_field_id: Id[int]

    class Meta:
        parent = "user_field"
        singular = "custom_field_option"
        required = ("name", "value")
        api = _options("user_fields/{user_field}/options")

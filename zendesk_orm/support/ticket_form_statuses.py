"""Which custom statuses the tickets of a form can have.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_form_statuses/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import listed, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.custom_statuses import CustomStatus
    from zendesk_orm.support.ticket_forms import TicketForm

_KEY = "ticket_form_statuses"
_BELOW = "ticket_forms/{ticket_form}/ticket_form_statuses"


class TicketFormStatus(Model):
    """That tickets of a form can have a custom status; its id is a word.

    `form.add_statuses(status)` and `status.add_to_forms(form)` make them.
    """

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    ticket_form: ReadOnlyRef[TicketForm]
    ticket_form_id: Id[int]
    custom_status: ReadOnlyRef[CustomStatus]
    custom_status_id: Id[int]

    class Meta:
        api = (
            resource(_KEY, can="", many="show")
            + listed(
                _KEY,
                takes={"ticket_form": "ticket_form_id"},
                natural=None,
                small=True,
                paging=(ONCE,),
            )
            + listed(_BELOW, natural=None, small=True, paging=(ONCE,))
            + Api((Endpoint(Verb.DELETE, f"{_BELOW}/{{id}}", _KEY, method="DELETE"),))
        )

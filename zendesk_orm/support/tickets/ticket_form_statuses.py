"""Associations of ticket forms with custom statuses.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_form_statuses/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import SHOW, Operation, listing, resource
from zendesk_orm.model import StringIdModel
from zendesk_orm.schema.fields import Id, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.tickets.custom_statuses import CustomStatus
    from zendesk_orm.support.tickets.ticket_forms import TicketForm

_KEY = "ticket_form_statuses"
_BELOW = "ticket_forms/{ticket_form}/ticket_form_statuses"


class TicketFormStatus(StringIdModel):
    """An association that allows a custom status for tickets of a form.

    Its id is a string. `form.add_statuses(status)` and `status.add_to_forms(form)` create
    associations.
    """

    ticket_form: ReadOnlyRef[TicketForm]
    ticket_form_id: Id[int]
    custom_status: ReadOnlyRef[CustomStatus]
    custom_status_id: Id[int]

    class Meta:
        api = (
            resource(_KEY, can=Operation(0), bulk=SHOW)
            + listing(
                _KEY,
                filters={"ticket_form": "ticket_form_id"},
                default_order=None,
                fits_in_memory=True,
                paging=(ONCE,),
            )
            + listing(_BELOW, default_order=None, fits_in_memory=True, paging=(ONCE,))
            + Api((Endpoint(Verb.DELETE, f"{_BELOW}/{{id}}", _KEY, method="DELETE"),))
        )

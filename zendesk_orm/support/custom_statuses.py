"""Custom ticket statuses.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/custom_ticket_statuses/
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.http.values import join
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.relations import Many
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import CreateOnly, Field, ReadOnly
from zendesk_orm.support.rules import ids_of
from zendesk_orm.support.ticket_form_statuses import TicketFormStatus
from zendesk_orm.write import actions


if TYPE_CHECKING:
    from zendesk_orm.support.ticket_forms import TicketForm
    from zendesk_orm.support.tickets import Ticket

Category = Literal["new", "open", "pending", "hold", "solved"]


class CustomStatusManager(Manager["CustomStatus"]):
    """`CustomStatus.objects`."""

    def set_defaults(self, statuses: Iterable[CustomStatus | int]) -> list[CustomStatus]:
        """Make statuses the defaults of their categories, and read all statuses anew.

        A ticket whose `status` is set gets the default of that category.

        Args:
            statuses: statuses, or their ids; one of a category.

        Returns:
            All statuses, since those that were the defaults are it no more.

        Raises:
            InvalidValue: there are none, or one was never saved.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/custom_ticket_statuses/#bulk-update-default-custom-ticket-status
        """
        ids = ids_of(self._session, self.model, statuses, "set_defaults")
        self._call("set_defaults", {"ids": join(ids)})
        return list(CustomStatus.objects.using(self._session.alias).fresh())


class CustomStatus(Model):
    """What an account calls a state of its tickets, within one of Zendesk's own five.

    `ticket.custom_status` is the one that a ticket has.
    """

    objects = CustomStatusManager.as_manager()

    url: ReadOnly[str | None]
    status_category: CreateOnly[Category]
    agent_label: Field[str]
    raw_agent_label: ReadOnly[str | None]
    end_user_label: Field[str | None]
    raw_end_user_label: ReadOnly[str | None]
    description: Field[str | None]
    raw_description: ReadOnly[str | None]
    end_user_description: Field[str | None]
    raw_end_user_description: ReadOnly[str | None]
    active: Field[bool]
    default: ReadOnly[bool]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    tickets: Many[Ticket]
    form_statuses: Many[TicketFormStatus]

    get_status_category_display = Display()

    class Meta:
        keep = 300
        required = ("status_category", "agent_label")
        api = (
            resource("custom_statuses", can="show create update delete")
            + listed(
                "custom_statuses",
                takes={
                    "status_category": "status_categories",
                    "active": "active",
                    "default": "default",
                },
                natural=None,
                small=True,
                paging=(ONCE,),
            )
            + action("set_defaults", "PUT", "custom_status/default", "")
            + action(
                "add_to_forms",
                "POST",
                "custom_statuses/{id}/ticket_form_statuses",
                "ticket_form_statuses",
            )
        )

    def add_to_forms(self, *forms: TicketForm | int) -> list[TicketFormStatus]:
        """Let tickets of some forms have this status.

        Args:
            forms: forms, or their ids.

        Returns:
            What ties the status to each form.

        Raises:
            InvalidValue: there are none, or one was never saved.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/custom_ticket_statuses/#create-ticket-form-statuses-for-a-custom-status
        """
        ids = ids_of(self._session(), "TicketForm", forms, "add_to_forms")
        body = {"ticket_form_status": [{"ticket_form_id": pk} for pk in ids]}
        answer = actions.act(self._session(), self, "add_to_forms", body)
        rows = (answer.data or {}).get("ticket_form_statuses") or ()
        return self._session().take_in(TicketFormStatus, rows)

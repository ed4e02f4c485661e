"""Custom ticket statuses.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/custom_ticket_statuses/
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm import support
from zendesk_orm.api.actions import action
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import CRUD, listing, resource
from zendesk_orm.http.values import join
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.relations import Many
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import CreateOnly, Field, ReadOnly
from zendesk_orm.session.responses import objects_in
from zendesk_orm.support.business_rules.rules import ids_of
from zendesk_orm.support.tickets.ticket_form_statuses import TicketFormStatus


if TYPE_CHECKING:
    from zendesk_orm.support.tickets.tickets import Ticket

Category = Literal["new", "open", "pending", "hold", "solved"]


class CustomStatusManager(Manager["CustomStatus"]):
    """The manager `CustomStatus.objects`."""

    @action("PUT", "custom_status/default")
    def set_defaults(self, statuses: Iterable[CustomStatus | int]) -> list[CustomStatus]:
        """Make statuses the defaults of their categories, and reload all statuses.

        A ticket whose `status` is set gets the default of that category.

        Args:
            statuses: statuses, or their ids; at most one of a category.

        Returns:
            All statuses, including the previous defaults.

        Raises:
            InvalidValue: `statuses` is empty, or a status was never saved.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/custom_ticket_statuses/#bulk-update-default-custom-ticket-status
        """
        ids = ids_of(self._session, self.model, statuses, "set_defaults")
        self._call("set_defaults", {"ids": join(ids)})
        return list(CustomStatus.objects.using(self._session.alias).fresh())


class CustomStatus(Model):
    """A ticket status defined by the account, within one of Zendesk's five categories.

    `ticket.custom_status` is the custom status of a ticket.
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
        cache_seconds = 300
        required = ("status_category", "agent_label")
        api = resource("custom_statuses", can=CRUD) + listing(
            "custom_statuses",
            filters={
                "status_category": "status_categories",
                "active": "active",
                "default": "default",
            },
            default_order=None,
            fits_in_memory=True,
            paging=(ONCE,),
        )

    @action("POST", "custom_statuses/{id}/ticket_form_statuses", key="ticket_form_statuses")
    def add_to_forms(self, *forms: support.TicketForm | int) -> list[TicketFormStatus]:
        """Allow this status for tickets of the given forms.

        Args:
            forms: forms, or their ids.

        Returns:
            The associations of the status with the forms.

        Raises:
            InvalidValue: `forms` is empty, or a form was never saved.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/custom_ticket_statuses/#create-ticket-form-statuses-for-a-custom-status
        """
        ids = ids_of(self._session(), "TicketForm", forms, "add_to_forms")
        body = {"ticket_form_status": [{"ticket_form_id": pk} for pk in ids]}

        def read(data: Any) -> list[TicketFormStatus]:
            rows = objects_in(data, "ticket_form_statuses")
            return self._session().materialize(TicketFormStatus, rows)

        return self._call("add_to_forms", body, then=read, in_dry_run=[])

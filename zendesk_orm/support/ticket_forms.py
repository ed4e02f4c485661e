"""Ticket forms.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_forms/
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.model import Model
from zendesk_orm.relations import Many, RefList
from zendesk_orm.schema.fields import Field, Lookup, ReadOnly
from zendesk_orm.support.rules import OrderedManager, ids_of
from zendesk_orm.support.ticket_form_statuses import TicketFormStatus


if TYPE_CHECKING:
    from zendesk_orm.support.brands import Brand
    from zendesk_orm.support.custom_statuses import CustomStatus
    from zendesk_orm.support.organizations import Organization
    from zendesk_orm.support.ticket_fields import TicketField
    from zendesk_orm.support.workspaces import Workspace

_STATUSES = "ticket_forms/{id}/ticket_form_statuses"


class TicketFormManager(OrderedManager["TicketForm"]):
    """`TicketForm.objects`."""

    _order_key = "ticket_form_ids"


class TicketForm(Model):
    """Which fields a ticket has, in which order, and on which conditions they are shown.

    `form.statuses` are the custom statuses that its tickets can have.
    """

    objects = TicketFormManager.as_manager()

    url: ReadOnly[str]
    name: Field[str]
    raw_name: Field[str | None]
    display_name: Field[str | None]
    raw_display_name: Field[str | None]
    position: Field[int | None]
    active: Field[bool]
    default: Field[bool]
    end_user_visible: Field[bool]
    in_all_brands: Field[bool]
    restricted_brand_ids: ReadOnly[list[int]]
    restricted_brands: RefList[Brand]
    restricted_organization_ids: ReadOnly[list[int]]
    restricted_organizations: RefList[Organization]
    ticket_field_ids: Field[list[int]]
    ticket_fields: RefList[TicketField]
    agent_conditions: Field[list[dict[str, Any]]]
    end_user_conditions: Field[list[dict[str, Any]]]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]
    deleted_at: ReadOnly[datetime | None]

    statuses: Many[TicketFormStatus]
    workspaces: Many[Workspace]

    associated_to_brand: Lookup[bool]
    fallback_to_default: Lookup[bool]
    form_type: Lookup[Literal["standard", "service_catalog", "all"]]

    class Meta:
        keep = 300
        required = ("name",)
        api = (
            resource("ticket_forms", can="show create update delete", many="show")
            + listed(
                "ticket_forms",
                takes="active end_user_visible associated_to_brand fallback_to_default form_type",
                natural=None,
                small=True,
            )
            + action("reorder", "PUT", "ticket_forms/reorder", "")
            + action("clone", "POST", "ticket_forms/{id}/clone", "ticket_form")
            + action("add_statuses", "POST", _STATUSES, "ticket_form_statuses")
            + action("change_statuses", "PUT", _STATUSES, "ticket_form_statuses")
            + action("remove_statuses", "DELETE", _STATUSES, "")
        )

    def clone(self) -> TicketForm:
        """Make a form with the same fields and conditions at Zendesk, and return it.

        Raises:
            InvalidValue: this one was never saved.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_forms/#clone-an-already-existing-ticket-form
        """
        answer = self._call("clone")
        if not answer:
            return TicketForm(name=self.name, ticket_field_ids=list(self.ticket_field_ids))
        return self._session().take_in(TicketForm, [answer["ticket_form"]])[0]

    def add_statuses(self, *statuses: CustomStatus | int) -> list[TicketFormStatus]:
        """Let the form's tickets have further custom statuses.

        Args:
            statuses: statuses, or their ids.

        Returns:
            What ties each to the form.

        Raises:
            InvalidValue: there are none, or one was never saved.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_forms/#create-ticket-form-statuses
        """
        return self._tie(
            "add_statuses", _ties(ids_of(self._session(), "CustomStatus", statuses, "add_statuses"))
        )

    def change_statuses(
        self,
        *,
        add: Iterable[CustomStatus | int] = (),
        remove: Iterable[TicketFormStatus | str] = (),
    ) -> list[TicketFormStatus]:
        """Add custom statuses to the form, and take others away, in one request.

        Args:
            add: statuses, or their ids.
            remove: what `form.statuses` gives, or the ids of these.

        Returns:
            What ties statuses to the form now.

        Raises:
            InvalidValue: there is nothing to do.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_forms/#bulk-update-ticket-form-statuses-of-a-ticket-form
        """
        more, less = list(add), list(remove)
        if not (more or less):
            raise InvalidValue("change_statuses() wants statuses to add or to remove")
        session = self._session()
        gone = ids_of(session, TicketFormStatus, less, "change_statuses") if less else []
        items = [{"id": pk, "_destroy": "1"} for pk in gone]
        items += _ties(ids_of(session, "CustomStatus", more, "change_statuses")) if more else []
        found = self._tie("change_statuses", items)
        for pk in gone:
            self._session().forget(TicketFormStatus, pk)
        return found

    def remove_statuses(self, *ties: TicketFormStatus | str) -> None:
        """Take custom statuses away from the form, in one request.

        Args:
            ties: what `form.statuses` gives, or the ids of these.

        Raises:
            InvalidValue: there are none.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_form_statuses/#delete-ticket-form-statuses
        """
        ids = ids_of(self._session(), TicketFormStatus, ties, "remove_statuses")
        self._call("remove_statuses", {"id": ids})
        for pk in ids:
            self._session().forget(TicketFormStatus, pk)

    def _tie(self, action: str, items: list[dict[str, Any]]) -> list[TicketFormStatus]:
        answer = self._call(action, {"ticket_form_status": items}) or {}
        rows = answer.get("ticket_form_statuses") or ()
        return self._session().take_in(TicketFormStatus, rows)


def _ties(ids: Iterable[Any]) -> list[dict[str, Any]]:
    return [{"custom_status_id": pk} for pk in ids]

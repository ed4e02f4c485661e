"""Ticket forms.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_forms/
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm import support
from zendesk_orm.api.actions import action, action_endpoint
from zendesk_orm.api.vocabulary import CRUD, SHOW, listing, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.model import Model
from zendesk_orm.relations import Many, RefList
from zendesk_orm.schema.fields import Field, Lookup, ReadOnly
from zendesk_orm.session.responses import objects_in
from zendesk_orm.support.business_rules.rules import OrderedManager, ids_of
from zendesk_orm.support.tickets.ticket_form_statuses import TicketFormStatus


if TYPE_CHECKING:
    from zendesk_orm.support.account_configuration.brands import Brand
    from zendesk_orm.support.organizations.organizations import Organization
    from zendesk_orm.support.ticket_management.workspaces import Workspace
    from zendesk_orm.support.tickets.ticket_fields import TicketField

_STATUSES = "ticket_forms/{id}/ticket_form_statuses"


class TicketFormManager(OrderedManager["TicketForm"]):
    """The manager `TicketForm.objects`."""

    _order_key = "ticket_form_ids"


class TicketForm(Model):
    """A form: the fields of a ticket, their order, and the conditions on which they are displayed.

    `form.statuses` are the associations with custom statuses that its tickets can have.
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
        cache_seconds = 300
        required = ("name",)
        api = (
            resource("ticket_forms", can=CRUD, bulk=SHOW)
            + listing(
                "ticket_forms",
                filters=(
                    "active",
                    "end_user_visible",
                    "associated_to_brand",
                    "fallback_to_default",
                    "form_type",
                ),
                default_order=None,
                fits_in_memory=True,
            )
            + action_endpoint("reorder", "PUT", "ticket_forms/reorder", "")
        )

    @action("POST", "ticket_forms/{id}/clone", key="ticket_form")
    def clone(self) -> TicketForm:
        """Create a copy of the form with the same fields and conditions, and return it.

        Raises:
            InvalidValue: the form was never saved.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_forms/#clone-an-already-existing-ticket-form
        """
        session = self._session()
        return self._call(
            "clone",
            then=lambda data: session.materialize(TicketForm, [data["ticket_form"]])[0],
            in_dry_run=TicketForm(name=self.name, ticket_field_ids=list(self.ticket_field_ids)),
        )

    @action("POST", _STATUSES, key="ticket_form_statuses")
    def add_statuses(self, *statuses: support.CustomStatus | int) -> list[TicketFormStatus]:
        """Allow custom statuses for the form's tickets, in addition to the existing ones.

        Args:
            statuses: statuses, or their ids.

        Returns:
            The new associations.

        Raises:
            InvalidValue: `statuses` is empty, or a status was never saved.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_forms/#create-ticket-form-statuses
        """
        ids = ids_of(self._session(), "CustomStatus", statuses, "add_statuses")
        return self._update_statuses("add_statuses", _items(ids))

    @action("PUT", _STATUSES, key="ticket_form_statuses")
    def change_statuses(
        self,
        *,
        add: Iterable[support.CustomStatus | int] = (),
        remove: Iterable[TicketFormStatus | str] = (),
    ) -> list[TicketFormStatus]:
        """Add custom statuses to the form and remove others, in one request.

        Args:
            add: statuses, or their ids.
            remove: associations from `form.statuses`, or their ids.

        Returns:
            The associations of the form.

        Raises:
            InvalidValue: both arguments are empty.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_forms/#bulk-update-ticket-form-statuses-of-a-ticket-form
        """
        additions, removals = list(add), list(remove)
        if not (additions or removals):
            raise InvalidValue("change_statuses() requires at least one status to add or remove")
        session, name = self._session(), "change_statuses"
        removed_ids = ids_of(session, TicketFormStatus, removals, name) if removals else []
        items = [{"id": pk, "_destroy": "1"} for pk in removed_ids]
        items += _items(ids_of(session, "CustomStatus", additions, name)) if additions else []
        statuses = self._update_statuses(name, items)
        for pk in removed_ids:
            session.forget(TicketFormStatus, pk)
        return statuses

    @action("DELETE", _STATUSES)
    def remove_statuses(self, *statuses: TicketFormStatus | str) -> None:
        """Remove custom statuses from the form, in one request.

        Args:
            statuses: associations from `form.statuses`, or their ids.

        Raises:
            InvalidValue: `statuses` is empty.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_form_statuses/#delete-ticket-form-statuses
        """
        ids = ids_of(self._session(), TicketFormStatus, statuses, "remove_statuses")

        def forget(_: Any) -> None:
            for pk in ids:
                self._session().forget(TicketFormStatus, pk)

        self._call("remove_statuses", {"id": ids}, then=forget, in_dry_run=None)

    def _update_statuses(self, action: str, items: list[dict[str, Any]]) -> list[TicketFormStatus]:
        """Send changes of the form's statuses, and return the associations of the response."""

        def read(data: Any) -> list[TicketFormStatus]:
            rows = objects_in(data, "ticket_form_statuses")
            return self._session().materialize(TicketFormStatus, rows)

        return self._call(action, {"ticket_form_status": items}, then=read, in_dry_run=[])


def _items(ids: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the items of a request that adds custom statuses."""
    return [{"custom_status_id": pk} for pk in ids]

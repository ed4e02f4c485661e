"""Workspaces: forms, macros and apps for tickets that match conditions.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/workspaces/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.actions import action_endpoint
from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref, WriteOnly
from zendesk_orm.support.business_rules.macros import Macro
from zendesk_orm.support.business_rules.rules import OrderedManager


if TYPE_CHECKING:
    from zendesk_orm.support.tickets.ticket_forms import TicketForm


class WorkspaceManager(OrderedManager["Workspace"]):
    """`Workspace.objects`."""


class Workspace(Model):
    """A set of a form, macros and apps that agents see for tickets that match its conditions.

    Macros are written as ids in `macros` and returned in `macro_ids`.
    """

    objects = WorkspaceManager.as_manager()

    url: ReadOnly[str]
    title: Field[str]
    description: Field[str | None]
    position: ReadOnly[int | None]
    activated: ReadOnly[bool]
    conditions: Field[dict[str, Any]]
    ticket_form: Ref[TicketForm | None]
    ticket_form_id: Id[int | None]
    macros: WriteOnly[list[int]]
    macro_ids: ReadOnly[list[int]]
    selected_macros: ReadOnly[list[Macro]]
    apps: ReadOnly[list[dict[str, Any]]]
    prefer_workspace_app_order: ReadOnly[bool]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        required = ("title", "conditions")
        api = (
            resource("workspaces", fits_in_memory=True, default_order=None, paging=(OFFSET,))
            + action_endpoint("reorder", "PUT", "workspaces/reorder", "")
            + action_endpoint(
                "destroy_many",
                "DELETE",
                "workspaces/destroy_many",
                call="filter(...).delete()",
            )
        )

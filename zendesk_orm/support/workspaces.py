"""Workspaces: what agents are shown with tickets of which conditions hold.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/workspaces/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.errors import FieldError
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref, WriteOnly
from zendesk_orm.support.macros import Macro
from zendesk_orm.support.rules import OrderedManager
from zendesk_orm.write import at_once
from zendesk_orm.write.outcomes import BulkResult
from zendesk_orm.write.progress import Told


if TYPE_CHECKING:
    from zendesk_orm.support.ticket_forms import TicketForm


class WorkspaceManager(OrderedManager["Workspace"]):
    """`Workspace.objects`."""

    def delete(
        self,
        *,
        wait: bool = True,
        progress: Told | bool | None = None,
        raise_on_failure: bool = True,
        timeout: float | None = None,
    ) -> BulkResult:
        """Delete every row of the query, a hundred to a request.

        Args:
            wait, progress: there is no job to be waited for.
            raise_on_failure: False returns a result with failures instead of raising.

        Returns:
            One outcome for each row; `int(result)` is the number of rows deleted.

        Raises:
            BulkError: some failed, after all were sent.
            FieldError: nothing was asked, not even `.all()`.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/workspaces/#bulk-delete-workspaces
        """
        if self._root:
            raise FieldError("a manager does not delete; say .all().delete(), or filter() first")
        named = self._named_rows(Verb.DESTROY_MANY, Verb.DELETE)
        rows = self._bare()._all() if named is None else named
        return at_once.delete(self._session, self.model, rows, raises=raise_on_failure)


class Workspace(Model):
    """A form, macros and apps that agents are shown with tickets of which conditions hold.

    Its macros are sent as the ids in `macros`, and come back as `macro_ids`.
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
            resource("workspaces", small=True, natural=None, paging=(OFFSET,))
            + action("reorder", "PUT", "workspaces/reorder", "")
            + action(
                "destroy_many",
                "DELETE",
                "workspaces/destroy_many",
                call="filter(...).delete()",
            )
        )

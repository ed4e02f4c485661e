"""Task lists of tickets, and their templates.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/task_lists/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm import support
from zendesk_orm.api.paging import CURSOR, ONCE
from zendesk_orm.api.vocabulary import CREATE, listing, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.model import StringIdModel
from zendesk_orm.relations import Many
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref, WriteOnly
from zendesk_orm.session.responses import objects_in
from zendesk_orm.support.tickets.tasks import Task


if TYPE_CHECKING:
    from zendesk_orm.support.tickets.tickets import Ticket


class TaskListTemplate(StringIdModel):
    """A template of task lists that agents can add to tickets; `template.tasks` are the tasks.

    ::

        template = TaskListTemplate.objects.create(
            name="Onboarding", tasks_=[{"name": "Sign the contract", "required": True}]
        )
        template.tasks.create(name="Order a laptop")
        template.add_to(ticket)
    """

    url: ReadOnly[str]
    name: Field[str]
    description: Field[str | None]
    is_active: Field[bool]
    is_required: Field[bool]
    task_count: ReadOnly[int]
    #: Tasks of a new template, or tasks to add, change (with `id`) or remove (with
    #: `"_destroy": True`); `tasks` are the existing ones.
    tasks_: WriteOnly[list[dict[str, Any]]]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    tasks: Many[Task]

    class Meta:
        required = ("name",)
        api = resource(
            "task_list_templates", default_order=None, fits_in_memory=True, paging=(CURSOR,)
        )

    def add_to(self, ticket: support.Ticket | int) -> TaskList:
        """Add a task list with these tasks to a ticket, and return the list.

        Args:
            ticket: a ticket, or its id.

        Raises:
            InvalidValue: the template or the ticket was never saved.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/task_lists/#create-task-list
        """
        if self.pk is None:
            raise InvalidValue(
                f"{display(self)} was never saved; save it before adding it to a ticket"
            )
        task_list = TaskList(ticket=ticket, task_list_template=self)
        task_list.attach_to(self._session())
        return task_list.save()


class TaskList(StringIdModel):
    """A list of tasks to be done for a ticket, created from a template.

    `template.add_to(ticket)` creates a list, and `ticket.task_lists` returns those of a ticket.
    """

    ticket: Ref[Ticket]
    ticket_id: Id[int]
    task_list_template: Ref[TaskListTemplate]
    task_list_template_id: Id[str]
    name: ReadOnly[str]
    description: ReadOnly[str | None]
    is_required: ReadOnly[bool]
    task_count: ReadOnly[int]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        parent = "ticket"
        string_ids = "ticket"
        required = ("ticket", "task_list_template")
        api = listing(
            "tickets/{ticket}/task_lists", default_order=None, fits_in_memory=True, paging=(ONCE,)
        ) + resource("tickets/{ticket}/task_lists", can=CREATE)

    def _get_response_row(self, data: dict[str, Any]) -> Any:
        """Return the row of the ticket's newest list created from the template."""
        template = self.task_list_template_id
        rows = objects_in(data, "task_lists")
        matching = [row for row in rows if row.get("task_list_template_id") == template]
        return max(matching, key=lambda row: str(row.get("id")), default=None)

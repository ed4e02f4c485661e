"""Task lists of tickets, and the templates that they are made of.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/task_lists/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import CURSOR, ONCE
from zendesk_orm.api.vocabulary import listed, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.model import Model
from zendesk_orm.relations import Many
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref, WriteOnly
from zendesk_orm.support.tasks import Task


if TYPE_CHECKING:
    from zendesk_orm.support.tickets import Ticket


class TaskListTemplate(Model):
    """A list of tasks that agents can add to tickets; `template.tasks` are the tasks.

    ::

        template = TaskListTemplate.objects.create(
            name="Onboarding", tasks_=[{"name": "Sign the contract", "required": True}]
        )
        template.tasks.create(name="Order a laptop")
        template.add_to(ticket)
    """

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    url: ReadOnly[str]
    name: Field[str]
    description: Field[str | None]
    is_active: Field[bool]
    is_required: Field[bool]
    task_count: ReadOnly[int]
    #: What a new template begins with, or what is to be made, changed (by `id`) or removed
    #: (with `"_destroy": True`); `tasks` are those that it has.
    tasks_: WriteOnly[list[dict[str, Any]]]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    tasks: Many[Task]

    class Meta:
        required = ("name",)
        api = resource("task_list_templates", natural=None, small=True, paging=(CURSOR,))

    def add_to(self, ticket: Ticket | int) -> TaskList:
        """Add a list of these tasks to a ticket, and return it.

        Args:
            ticket: a ticket, or its id.

        Raises:
            InvalidValue: the template, or the ticket, was never saved.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/task_lists/#create-task-list
        """
        if self.pk is None:
            raise InvalidValue(f"{self!r} was never saved; there is nothing to add to a ticket")
        made = TaskList(ticket=ticket, task_list_template=self)
        made.attach_to(self._session())
        return made.save()


class TaskList(Model):
    """The tasks that are to be done for a ticket, made of a template.

    `template.add_to(ticket)` makes one, and `ticket.task_lists` are those of a ticket.
    """

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
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
        text_ids = "ticket"
        required = ("ticket", "task_list_template")
        api = listed(
            "tickets/{ticket}/task_lists", natural=None, small=True, paging=(ONCE,)
        ) + resource("tickets/{ticket}/task_lists", can="create")

    def _answered(self, data: dict[str, Any]) -> Any:
        """Return the newest of the lists that the ticket has of the template."""
        template = self.task_list_template_id
        rows = data.get("task_lists") or ()
        mine = [row for row in rows if row["task_list_template_id"] == template]
        return max(mine, key=lambda row: str(row["id"]), default=None)

"""Tasks of task list templates.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/task_list_templates/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import listing
from zendesk_orm.model import StringIdModel
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref
from zendesk_orm.session.action_bodies import part_of
from zendesk_orm.session.responses import objects_in


if TYPE_CHECKING:
    from zendesk_orm.support.tickets.task_lists import TaskListTemplate

_BY_TEMPLATE = Api(
    tuple(
        Endpoint(verb, "task_list_templates/{task_list_template}", "tasks", method="PUT")
        for verb in (Verb.CREATE, Verb.UPDATE, Verb.DELETE)
    )
)


class Task(StringIdModel):
    """A task of a task list template.

    `template.tasks.create(name="Order a laptop")`, `task.save()` and `task.delete()` send one
    update of the template each, which does not change its other tasks.
    """

    task_list_template: Ref[TaskListTemplate]
    task_list_template_id: Id[str]
    name: Field[str]
    description: Field[str | None]
    position: Field[int]
    required: Field[bool]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        parent = "task_list_template"
        required = ("task_list_template", "name")
        api = (
            listing(
                "task_list_templates/{task_list_template}/tasks",
                default_order="position",
                fits_in_memory=True,
                paging=(ONCE,),
            )
            + _BY_TEMPLATE
        )

    def _wrap_payload(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return an update of the template that contains only this task."""
        identifier = {} if self.pk is None else {"id": self.pk}
        return {"task_list_template": {"tasks": [{**payload, **identifier}]}}

    def _build_delete_body(self) -> dict[str, Any]:
        """Return an update of the template that removes the task."""
        return self._wrap_payload({"_destroy": True})

    def _get_response_row(self, data: dict[str, Any]) -> Any:
        """Return the row of the task; that of a new task is the newest of the template."""
        rows = objects_in(part_of(data, "task_list_template"), "tasks")
        # Ids begin with the time of creation.
        matching = [row for row in rows if self.pk in (None, row.get("id"))]
        return max(matching, key=lambda row: str(row.get("id")), default=None)

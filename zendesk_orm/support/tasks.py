"""Tasks of templates of task lists.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/task_list_templates/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import listed
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref


if TYPE_CHECKING:
    from zendesk_orm.support.task_lists import TaskListTemplate

_BY_TEMPLATE = Api(
    tuple(
        Endpoint(verb, "task_list_templates/{task_list_template}", "tasks", method="PUT")
        for verb in (Verb.CREATE, Verb.UPDATE, Verb.DELETE)
    )
)


class Task(Model):
    """One thing to do, in a template of task lists.

    Tasks are made, changed and removed by updates of their template, which leave the others
    as they are: `template.tasks.create(name="Order a laptop")`, `task.save()`,
    `task.delete()`, a request each.
    """

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
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
            listed(
                "task_list_templates/{task_list_template}/tasks",
                natural="position",
                small=True,
                paging=(ONCE,),
            )
            + _BY_TEMPLATE
        )

    def _enveloped(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the update of the template, which tells of this task alone."""
        named = {} if self.pk is None else {"id": self.pk}
        return {"task_list_template": {"tasks": [{**payload, **named}]}}

    def _removed(self) -> dict[str, Any]:
        """Return the update of the template that takes the task out."""
        return self._enveloped({"_destroy": True})

    def _answered(self, data: dict[str, Any]) -> Any:
        """Return the row of the task: where it is new, the newest of the template."""
        rows = (data.get("task_list_template") or {}).get("tasks") or ()
        # Ids begin with the moment that they were given at.
        mine = [row for row in rows if self.pk in (None, row["id"])]
        return max(mine, key=lambda row: str(row["id"]), default=None)

"""Tasks of templates of task lists.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/task_list_templates/
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import action, listed
from zendesk_orm.errors import InvalidValue
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref
from zendesk_orm.support.posting import told
from zendesk_orm.write import actions


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.support.task_lists import TaskListTemplate


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
        api = listed(
            "task_list_templates/{task_list_template}/tasks",
            natural="position",
            small=True,
            paging=(ONCE,),
        ) + action("save", "PUT", "task_list_templates/{task_list_template}", "task_list_template")

    def save(
        self,
        *,
        update_fields: Iterable[str] | None = None,
        force_insert: bool = False,
        using: str | None = None,
        safe: bool | None = None,
    ) -> Self:
        """Make the task, or change what changed of it, by an update of its template.

        Raises:
            ValidationError: it has no name, or no template.
            NotFound and the other `ApiError`s; `TransportError`.
        """
        session = self._session(using)
        self.attach_to(session)
        self.settle_relations()
        self.clean_fields()
        payload = self.to_payload(update_fields)
        if not payload:
            return self
        named = {} if self.pk is None else {"id": self.pk}
        rows = self._sent({**payload, **named})
        if rows is None:
            return self
        # Ids begin with the moment that they were given at.
        mine = [row for row in rows if self.pk in (None, row["id"])]
        row = max(mine, key=lambda each: str(each["id"]))
        known = {"task_list_template_id": self.task_list_template_id}
        self.absorb({**row, **known}, sent=list(self.changes()))
        session.identity.add(self)
        return self

    def delete(self, *, using: str | None = None) -> tuple[int, dict[str, int]]:
        """Remove the task from its template.

        Raises:
            InvalidValue: it was never saved.
            NotFound and the other `ApiError`s; `TransportError`.
        """
        if self.pk is None:
            raise InvalidValue(f"{self!r} was never saved, so there is nothing to delete")
        session = self._session(using)
        self.attach_to(session)
        self._sent({"id": self.pk, "_destroy": True})
        session.forget(Task, self.pk)
        return 1, {self._meta.label: 1}

    def _sent(self, task: dict[str, Any]) -> list[dict[str, Any]] | None:
        """Send the update of the template, and return its tasks; None in a dry run."""
        body = {"task_list_template": {"tasks": [task]}}
        path = {"task_list_template": self.task_list_template_id}
        answer = actions.call(self._session(), Task, "save", body, None, path)
        if answer is actions.UNSENT:
            return None
        found: list[dict[str, Any]] = told(told(answer.data, "task_list_template"), "tasks")
        return found

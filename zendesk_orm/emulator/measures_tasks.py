"""Task lists of tickets, and their templates with the tasks.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/task_list_templates/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import plain
from zendesk_orm.emulator.refusals import complaint, invalid_record, not_found
from zendesk_orm.emulator.store import DELETED, Where, dumped, value_of
from zendesk_orm.emulator.templates import blank
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.support import Task, TaskList, TaskListTemplate, Ticket


_TASK, _LIST, _TEMPLATE = Task._meta, TaskList._meta, TaskListTemplate._meta
_OF_TASK = ("name", "description", "position", "required")

Handler = Callable[[World, Call, Target], Answer]


def create_template(world: World, call: Call, target: Target) -> Answer:
    """Answer with a template and its tasks.

    Raises:
        Refusal: it, or one of its tasks, has no name.
    """
    given = call.envelope("task_list_template")
    _named(given)
    active = {"is_active": given.get("is_active", True)}
    row = plain.create(world, _TEMPLATE, given, {}, active).row
    return _told(world, row, given, 201)


def update_template(world: World, call: Call, target: Target) -> Answer:
    """Answer with a template and its tasks, of which some were made, changed or removed.

    Raises:
        Refusal: the template, or a task, is not there, or a new task has no name.
    """
    given = call.envelope("task_list_template")
    stored = plain.stored(world, _TEMPLATE, target.places[0])
    return _told(world, plain.update(world, _TEMPLATE, stored, given).row, given, 200)


def _told(world: World, row: Mapping[str, Any], given: Mapping[str, Any], status: int) -> Answer:
    for each in given.get("tasks") or ():
        _change(world, row["id"], each)
    tasks = _tasks(world, row["id"])
    row = {**row, "task_count": len(tasks)}
    world.write(_TEMPLATE, dict(row))
    return Answer(status, dumped({"task_list_template": {**row, "tasks": tasks}}))


def _change(world: World, template: Any, given: Mapping[str, Any]) -> None:
    """Make, change or remove a task."""
    if given.get("id") is None:
        _named(given)
        place = max((each["position"] for each in _tasks(world, template)), default=0) + 1
        row = blank(_TASK) | {"position": place, "required": False}
        row |= {name: given[name] for name in _OF_TASK if name in given}
        row.pop("task_list_template_id", None)
        plain.begin(world, _TASK, row)
        world.write(_TASK, row, parent=template)
        return
    stored = plain.stored(world, _TASK, given["id"])
    if stored.parent != template:
        raise not_found()
    if given.get("_destroy"):
        plain.delete(world, _TASK, stored)
    else:
        plain.update(world, _TASK, stored, given)


def list_tasks(world: World, call: Call, target: Target) -> Answer:
    """Answer with the tasks of a template.

    Raises:
        Refusal: it is not there.
    """
    pk = plain.stored(world, _TEMPLATE, target.places[0]).id
    return _listed("tasks", _tasks(world, pk))


def create_list(world: World, call: Call, target: Target) -> Answer:
    """Answer with the task lists of a ticket after one was added.

    Raises:
        Refusal: there is no such ticket, or no such template that is active.
    """
    ticket = plain.stored(world, Ticket._meta, target.places[0]).id
    asked = call.envelope("task_list").get("task_list_template_id")
    template = world.store.get(_TEMPLATE.label, asked)
    if template is None or not template["is_active"]:
        text = "Task list template: is not valid"
        raise invalid_record({"task_list_template_id": [complaint(text, "InvalidValue")]})
    row = blank(_LIST)
    row |= {name: template[name] for name in ("name", "description", "is_required", "task_count")}
    row |= {"task_list_template_id": template["id"], "ticket_id": str(ticket)}
    plain.begin(world, _LIST, row)
    world.write(_LIST, row, parent=ticket)
    return _listed("task_lists", _lists(world, ticket), 201)


def list_lists(world: World, call: Call, target: Target) -> Answer:
    """Answer with the task lists of a ticket.

    Raises:
        Refusal: it is not there.
    """
    ticket = plain.stored(world, Ticket._meta, target.places[0]).id
    return _listed("task_lists", _lists(world, ticket))


def _named(given: Mapping[str, Any]) -> None:
    if not given.get("name"):
        raise invalid_record({"name": [complaint("Name: cannot be blank", "BlankValue")]})


def _tasks(world: World, template: Any) -> list[dict[str, Any]]:
    where = Where("parent = ? AND state < ?", (template, DELETED))
    return world.store.docs(_TASK.label, where, f"{value_of('position')}, id")


def _lists(world: World, ticket: Any) -> list[dict[str, Any]]:
    return world.store.docs(_LIST.label, Where("parent = ? AND state < ?", (ticket, DELETED)))


def _listed(key: str, rows: list[dict[str, Any]], status: int = 200) -> Answer:
    about = {"count": len(rows), "next_page": None, "previous_page": None}
    return Answer(status, dumped({key: rows, **about}))


ROUTES: Mapping[tuple[str, str, str], Handler] = {
    ("POST", "task_list_templates", _TEMPLATE.label): create_template,
    ("PUT", "task_list_templates/{}", _TEMPLATE.label): update_template,
    ("PUT", "task_list_templates/{}", _TASK.label): update_template,
    ("GET", "task_list_templates/{}/tasks", _TASK.label): list_tasks,
    ("GET", "tickets/{}/task_lists", _LIST.label): list_lists,
    ("POST", "tickets/{}/task_lists", _LIST.label): create_list,
}

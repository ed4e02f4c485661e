"""Task list templates with their tasks, and task lists of tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/task_list_templates/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import field_error, invalid_record, not_found
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.defaults import build_row
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import DELETED, dump_json
from zendesk_orm.support import Task, TaskList, TaskListTemplate, Ticket


_TASK, _LIST, _TEMPLATE = Task._meta, TaskList._meta, TaskListTemplate._meta
_TASK_KEYS = ("name", "description", "position", "required")


@route("POST", "task_list_templates", TaskListTemplate)
def create_template(context: Context, request: Request, target: Target) -> Response:
    """Create a template with its tasks.

    Raises:
        HTTPError: 422, if the template or a task has no name.
    """
    payload = request.get_object("task_list_template")
    _check_name(payload)
    active = {"is_active": payload.get("is_active", True)}
    row = resources.create(context, _TEMPLATE, payload, {}, active).row
    return _save_tasks(context, row, payload, 201)


@route("PUT", "task_list_templates/{id}", TaskListTemplate)
@route("PUT", "task_list_templates/{task_list_template}", Task)
def update_template(context: Context, request: Request, target: Target) -> Response:
    """Update a template; create, update or delete its tasks.

    Raises:
        HTTPError: 404, if the template or a task does not exist; 422, if a new task has no name.
    """
    payload = request.get_object("task_list_template")
    stored = resources.get(context, _TEMPLATE, target.args[0])
    row = resources.update(context, _TEMPLATE, stored, payload).row
    return _save_tasks(context, row, payload, 200)


def _save_tasks(
    context: Context, row: Mapping[str, Any], payload: Mapping[str, Any], status: int
) -> Response:
    """Save the tasks in the body of a template, and return the template."""
    for task in payload.get("tasks") or ():
        _save_task(context, row["id"], task)
    tasks = _select_tasks(context, row["id"])
    row = {**row, "task_count": len(tasks)}
    context.write(_TEMPLATE, dict(row))
    return Response(status, dump_json({"task_list_template": {**row, "tasks": tasks}}))


def _save_task(context: Context, template: Any, payload: Mapping[str, Any]) -> None:
    """Create, update or delete a task."""
    if payload.get("id") is None:
        _create_task(context, template, payload)
        return
    stored = resources.get(context, _TASK, payload["id"])
    if stored.parent != template:
        raise not_found()
    if payload.get("_destroy"):
        resources.delete(context, _TASK, stored)
    else:
        resources.update(context, _TASK, stored, payload)


def _create_task(context: Context, template: Any, payload: Mapping[str, Any]) -> None:
    _check_name(payload)
    positions = (task["position"] for task in _select_tasks(context, template))
    row = build_row(_TASK) | {"position": max(positions, default=0) + 1, "required": False}
    row |= {name: payload[name] for name in _TASK_KEYS if name in payload}
    row.pop("task_list_template_id", None)
    resources.initialize(context, _TASK, row)
    context.write(_TASK, row, parent=template)


@route("GET", "task_list_templates/{task_list_template}/tasks", Task)
def list_tasks(context: Context, request: Request, target: Target) -> Response:
    """List the tasks of a template.

    Raises:
        HTTPError: 404, if the template does not exist.
    """
    pk = resources.get(context, _TEMPLATE, target.args[0]).id
    return _render_list("tasks", _select_tasks(context, pk))


@route("POST", "tickets/{ticket}/task_lists", TaskList)
def create_list(context: Context, request: Request, target: Target) -> Response:
    """Add a task list to a ticket, and return all task lists of the ticket.

    Raises:
        HTTPError: 404, if the ticket does not exist; 422, if no active template is given.
    """
    ticket = resources.get(context, Ticket._meta, target.args[0]).id
    template_id = request.get_object("task_list").get("task_list_template_id")
    template = context.store.get(_TEMPLATE.label, template_id)
    if template is None or not template["is_active"]:
        text = "Task list template: is not valid"
        raise invalid_record({"task_list_template_id": [field_error(text, "InvalidValue")]})
    row = build_row(_LIST)
    row |= {name: template[name] for name in ("name", "description", "is_required", "task_count")}
    row |= {"task_list_template_id": template["id"], "ticket_id": str(ticket)}
    resources.initialize(context, _LIST, row)
    context.write(_LIST, row, parent=ticket)
    return _render_list("task_lists", _select_lists(context, ticket), 201)


@route("GET", "tickets/{ticket}/task_lists", TaskList)
def list_lists(context: Context, request: Request, target: Target) -> Response:
    """List the task lists of a ticket.

    Raises:
        HTTPError: 404, if the ticket does not exist.
    """
    ticket = resources.get(context, Ticket._meta, target.args[0]).id
    return _render_list("task_lists", _select_lists(context, ticket))


def _check_name(payload: Mapping[str, Any]) -> None:
    if not payload.get("name"):
        raise invalid_record({"name": [field_error("Name: cannot be blank", "BlankValue")]})


def _select_tasks(context: Context, template: Any) -> list[dict[str, Any]]:
    where = Where("parent = ? AND state < ?", (template, DELETED))
    return context.store.select(_TASK.label, where, f"{json_value('position')}, id")


def _select_lists(context: Context, ticket: Any) -> list[dict[str, Any]]:
    return context.store.select(_LIST.label, Where("parent = ? AND state < ?", (ticket, DELETED)))


def _render_list(key: str, rows: list[dict[str, Any]], status: int = 200) -> Response:
    metadata = {"count": len(rows), "next_page": None, "previous_page": None}
    return Response(status, dump_json({key: rows, **metadata}))

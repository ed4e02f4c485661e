"""Capacity rules and the agents to whom they apply.

Source: https://developer.zendesk.com/api-reference/agent-availability/agent-availability-api/capacity_rules/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import UNCONFIRMED, HTTPError
from zendesk_orm.emulator.server.routes import creates, deletes, route, updates
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.schema.options import Options
from zendesk_orm.support import CapacityAssignee, CapacityRule, User


@creates(CapacityRule)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a rule, and apply it to its agents.

    Raises:
        HTTPError: 404, if an agent does not exist; 422, if a value is invalid.
    """
    now = {"last_updated_at": context.timestamp(), "default": False}
    result = resources.create(context, meta, payload, path, now)
    _assign(context, result.row["id"], payload.get("assignees") or ())
    return result


@updates(CapacityRule)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update a rule.

    Raises:
        HTTPError: 422, if a value is invalid.
    """
    now = {"last_updated_at": context.timestamp()}
    return resources.update(context, meta, stored, payload, now)


@deletes(CapacityRule)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete a rule, which no longer applies to its agents.

    Raises:
        HTTPError: 422, if it is the default rule; unconfirmed.
    """
    if stored.doc["default"] and context.switches.default_rule_is_kept:
        body = {"error": "RecordInvalid", "description": "The default rule cannot be deleted"}
        raise HTTPError(422, body, UNCONFIRMED)
    for row in context.store.find(CapacityAssignee._meta.label, "rule_id", stored.id):
        context.store.drop(CapacityAssignee._meta.label, row["agent_id"])
    return resources.delete(context, meta, stored)


@route("GET", "capacity/rules", CapacityRule)
def list_rules(context: Context, request: Request, target: Target) -> Response:
    """List the rules."""
    rows = context.store.select(CapacityRule._meta.label, Where("state < ?", (DELETED,)))
    key = context.switches.capacity_list_key
    return Response(text=dump_json({key: rows} if key else rows))


@route("PATCH", "capacity/rules/{id}/agents", CapacityRule)
def assign(context: Context, request: Request, target: Target) -> Response:
    """Apply a rule to agents.

    Raises:
        HTTPError: 404, if the rule or an agent does not exist.
    """
    rule = resources.get(context, CapacityRule._meta, target.args[0]).id
    _assign(context, rule, request.body.get("agents") or ())
    return Response(200, "{}")


def _assign(context: Context, rule: str, agents: Iterable[int]) -> None:
    for pk in agents:
        agent = resources.get(context, User._meta, pk).id
        context.write(CapacityAssignee._meta, {"agent_id": agent, "rule_id": rule})

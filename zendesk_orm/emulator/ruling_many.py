"""Many rules at once, without a job; and their order.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/#update-many-ticket-triggers
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from zendesk_orm.emulator import plain, ruling_writes
from zendesk_orm.emulator.job_queue import MOST
from zendesk_orm.emulator.refusals import (
    UNCONFIRMED,
    Refusal,
    missing_parameter,
    not_found,
    too_many_values,
)
from zendesk_orm.emulator.store import DELETED, Where, dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.schema import registry
from zendesk_orm.schema.options import Options
from zendesk_orm.support import TriggerCategory


#: What is changed of many rules at once; anything else is ignored.
_TOGETHER = frozenset({"active", "position", "category_id"})


def update_many(world: World, call: Call, target: Target) -> Answer:
    """Answer with the rules that were changed.

    Raises:
        Refusal: there are too many, or one is not there.
    """
    meta = target.meta
    items = ruling_writes.rows(call, meta.plural)
    if len(items) > MOST:
        raise too_many_values()
    rows = [_change(world, meta, item).row for item in items]
    about = {"count": len(rows), "next_page": None, "previous_page": None}
    return Answer(text=dumped({meta.plural: rows, **about}))


def destroy_many(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: the rows are gone."""
    for pk in call.ids():
        plain.delete(world, target.meta, plain.stored(world, target.meta, pk))
    return Answer(200)


def _change(world: World, meta: Options, item: Mapping[str, Any]) -> Any:
    stored = plain.stored(world, meta, item.get("id"))
    return plain.update(world, meta, stored, {key: item[key] for key in item if key in _TOGETHER})


def _reorder(key: str, *, all_: bool = False, status: int = 200) -> Any:
    """Return what answers a new order.

    Args:
        key: what the ids are called.
        all_: whether each row of the account has to be named.
        status: of the answer.
    """

    def reorder(world: World, call: Call, target: Target) -> Answer:
        ids = call.body.get(key)
        if not isinstance(ids, list):
            raise missing_parameter(key)
        meta = target.meta
        known = [row[1] for row in world.store.texts(meta.label, Where("state < ?", (DELETED,)))]
        if not set(ids) <= set(known):
            raise not_found()
        if all_ and set(ids) != set(known):
            error = {"error": "InvalidValue", "description": f"{key} has to name each once"}
            raise Refusal(404 if meta.object_name == "Trigger" else 400, error, UNCONFIRMED)
        if meta.object_name == "Trigger":
            _one_category(world)
        place(world, meta, [*ids, *(pk for pk in known if pk not in set(ids))])
        return Answer(status)

    return reorder


def place(world: World, meta: Options, ids: Iterable[Any]) -> None:
    """Give rows the positions in which they are named."""
    name = "order" if "order" in meta.fields else "position"
    for position, pk in enumerate(ids, start=1):
        stored = plain.stored(world, meta, pk)
        world.write(meta, {**stored.doc, name: position}, parent=stored.parent)


def rearrange(world: World, call: Call, target: Target) -> Answer:
    """Answer with the categories and triggers that were moved: all of them, or none."""
    items = call.envelope("job").get("items") or {}
    results: dict[str, list[dict[str, Any]]] = {"trigger_categories": [], "triggers": []}
    try:
        with world.store.savepoint():
            for plural, rows in results.items():
                meta = registry.find(
                    "Trigger" if plural == "triggers" else "TriggerCategory", "support"
                )._meta
                for item in items.get(plural) or ():
                    pk = int(item["id"]) if plural == "triggers" else str(item["id"])
                    rows.append(_change(world, meta, {**item, "id": pk}).row)
    except Refusal as refusal:
        error = {"code": "InvalidTrigger", "title": str(refusal.body.get("description"))}
        body = dumped({"status": "failed", "errors": [error]})
        return Answer(400, body, source="OpenAPI BatchJobResponse")
    return Answer(text=dumped({"status": "complete", "results": results}))


def _one_category(world: World) -> None:
    if world.store.count(TriggerCategory._meta.label, Where("state < ?", (DELETED,))) > 1:
        error = {"error": "LimitOneCategory", "description": "there is more than one category"}
        raise Refusal(400, error, UNCONFIRMED)


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    **{
        ("PUT", f"{path}/update_many", label): update_many
        for path, label in (
            ("automations", "support.Automation"),
            ("macros", "support.Macro"),
            ("triggers", "support.Trigger"),
            ("views", "support.View"),
        )
    },
    ("PUT", "triggers/reorder", "support.Trigger"): _reorder("trigger_ids", all_=True),
    ("POST", "trigger_categories/jobs", "support.TriggerCategory"): rearrange,
    ("PUT", "slas/policies/reorder", "support.SlaPolicy"): _reorder("sla_policy_ids"),
    ("PUT", "group_slas/policies/reorder", "support.GroupSlaPolicy"): _reorder(
        "group_sla_policy_ids"
    ),
    ("PUT", "ticket_forms/reorder", "support.TicketForm"): _reorder("ticket_form_ids"),
    ("PUT", "ticket_fields/reorder", "support.TicketField"): _reorder("ticket_field_ids"),
    ("PUT", "user_fields/reorder", "support.UserField"): _reorder("user_field_ids"),
    ("PUT", "organization_fields/reorder", "support.OrganizationField"): _reorder(
        "organization_field_ids"
    ),
    ("PUT", "workspaces/reorder", "support.Workspace"): _reorder("ids"),
    ("DELETE", "workspaces/destroy_many", "support.Workspace"): destroy_many,
    ("PATCH", "queues/order", "support.Queue"): _reorder("queue_ids", all_=True, status=204),
}

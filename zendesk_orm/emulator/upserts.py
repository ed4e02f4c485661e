"""`create_or_update`: a row that is known is changed, and another one is made.

Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#create-or-update-user
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator import bulk, identities, writes
from zendesk_orm.emulator.job_queue import MOST, Order, one_by_one, queue, said
from zendesk_orm.emulator.parameters import convert
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.refusals import Refusal, too_many_values
from zendesk_orm.emulator.store import dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.schema.options import Options
from zendesk_orm.support import User


def submit(world: World, call: Call, target: Target) -> Answer:
    """Answer with the row: 201 if it was made, 200 if it was changed.

    Raises:
        Refusal: it breaks a rule.
    """
    meta = target.meta
    written, made = _put(world, meta, call.envelope(meta.singular))
    headers = {"Location": str(written.row["url"])} if made else {}
    return Answer(201 if made else 200, dumped({meta.singular: written.row}), headers)


def submit_many(world: World, call: Call, target: Target) -> Answer:
    """Answer with the job that makes or changes up to a hundred users.

    Raises:
        Refusal: there are too many, or the account has not asked for it.
    """
    rows = bulk.rows(call, target.meta.plural)
    if len(rows) > MOST:
        raise too_many_values(target.meta.plural)
    bulk.demand_bulk(world)
    return queue(world, Order("upsert users", "Bulk Create Or Update User", "Creating user", rows))


def work(world: World, pk: str, order: Order) -> list[dict[str, Any]]:
    """Make or change the users of a job, one by one."""
    meta = User._meta

    def do(item: Any) -> tuple[Any, bool]:
        written, made = _put(world, meta, item)
        return written.row["id"], made

    def told(index: int, done: tuple[Any, bool]) -> dict[str, Any]:
        user, made = done
        if made:
            return bulk.created(meta, index, user)
        return {"action": "update", "status": "Updated", "success": True, "id": user}

    def failed(index: int, item: Any, refusal: Refusal) -> dict[str, Any]:
        return {"index": index, "error": "UserCreateOrUpdateFailed", "details": said(refusal)}

    return one_by_one(world, enumerate(order.items), do, told, failed)


def _put(world: World, meta: Options, payload: Mapping[str, Any]) -> tuple[Written, bool]:
    """Return the row, and whether it was made."""
    payload = convert(meta, payload)
    known = _known(world, meta, payload)
    if known is None:
        return writes.create_one(world, meta, payload), True
    return writes.update_one(world, meta, known, payload), False


def _known(world: World, meta: Options, payload: Mapping[str, Any]) -> Any:
    """Return the id of the row that a body is about: by id, external id or e-mail; by no name."""
    if payload.get("id"):
        return payload["id"]
    external_id = payload.get("external_id")
    found = world.store.find(meta.label, "external_id", external_id) if external_id else []
    if found:
        return found[0]["id"]
    if meta.label == User._meta.label and payload.get("email"):
        owner = identities.owner(world, payload["email"])
        return owner and owner["id"]
    return None

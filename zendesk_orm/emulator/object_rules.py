"""What custom objects do by themselves, and who may do what to their records.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/object_triggers/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import bulk, plain
from zendesk_orm.emulator.custom_objects import demanded, fields
from zendesk_orm.emulator.refusals import not_found
from zendesk_orm.emulator.store import DELETED, Stored, Where, dumped, value_of
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.support import ObjectTrigger, PermissionPolicy


_TRIGGERS = ObjectTrigger._meta.label
_POLICIES = PermissionPolicy._meta.label
#: What everybody may do whom no policy names otherwise.
_NOTHING: Mapping[str, Any] = {
    name: {"allowed": False, "rule_id": None} for name in ("create", "delete", "read", "update")
}


def list_active(world: World, call: Call, target: Target) -> Answer:
    """Answer with the triggers of an object that are active."""
    return _listed([row for row in _triggers(world, target) if row["active"]])


def search(world: World, call: Call, target: Target) -> Answer:
    """Answer with the triggers of an object whose title has some words."""
    words = call.params.get("query", "").lower()
    rows = [row for row in _triggers(world, target) if words in row["title"].lower()]
    if "active" in call.params:
        rows = [row for row in rows if row["active"] is (call.params["active"] == "true")]
    return _listed(rows)


def update_many(world: World, call: Call, target: Target) -> Answer:
    """Answer with triggers that are active, or stand, otherwise than before.

    Raises:
        Refusal: one is not the object's.
    """
    key = demanded(world, target.places[0])
    rows = []
    for item in bulk.rows(call, "triggers"):
        stored = plain.stored(world, ObjectTrigger._meta, item.get("id"), {"custom_object": key})
        told: dict[str, Any] = {name: item[name] for name in ("active", "position") if name in item}
        rows.append(plain.update(world, ObjectTrigger._meta, stored, told).row)
    return _listed(rows)


def destroy_many(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: the triggers are gone.

    Raises:
        Refusal: one is not the object's.
    """
    key = demanded(world, target.places[0])
    for pk in call.ids():
        stored = plain.stored(world, ObjectTrigger._meta, pk, {"custom_object": key})
        plain.delete(world, ObjectTrigger._meta, stored)
    return Answer(204)


def define(world: World, call: Call, target: Target) -> Answer:
    """Answer with what rules of an object can ask: its fields."""
    key = demanded(world, target.places[0])
    asked = [
        {
            "subject": f"custom_object.{key}.custom_fields.{name}",
            "title": field["title"],
            "type": field["type"],
        }
        for name, field in fields(world, key).items()
    ]
    return Answer(text=dumped({"definitions": {"conditions_all": asked, "conditions_any": asked}}))


def list_policies(world: World, call: Call, target: Target) -> Answer:
    """Answer with the policies of an object; that of end users is always there."""
    key = demanded(world, target.places[0])
    _policy(world, key, "end-user")
    found = world.store.docs(_POLICIES, Where("parent = ?", (key,)))
    return Answer(text=dumped({"policies": found}))


def show_policy(world: World, call: Call, target: Target) -> Answer:
    """Answer with the policy of a role."""
    key, name = target.places
    return Answer(text=dumped({"policy": _policy(world, demanded(world, key), name)}))


def update_policy(world: World, call: Call, target: Target) -> Answer:
    """Answer with the policy of a role, changed; what is not named stays."""
    key, name = demanded(world, target.places[0]), target.places[1]
    row = _policy(world, key, name)
    row["records"] = {**row["records"], **call.envelope("policy").get("records", {})}
    _keep(world, key, row)
    return Answer(text=dumped({"policy": row}))


def _policy(world: World, key: str, name: Any) -> dict[str, Any]:
    """Return the policy of a role, which comes to be when it is first asked for.

    Raises:
        Refusal: there is no such role.
    """
    found = world.store.get(_POLICIES, f"{key}/{name}")
    if found is not None:
        return found
    if name != "end-user" and not str(name).startswith("custom-role-"):
        raise not_found()
    title = "End User" if name == "end-user" else "Custom Role"
    row = {"id": name, "role_name": title, "records": dict(_NOTHING)}
    _keep(world, key, row)
    return row


def _keep(world: World, key: str, row: dict[str, Any]) -> None:
    kept = Stored(_POLICIES, f"{key}/{row['id']}", row, parent=key)
    world.store.put([kept], world.now())


def _triggers(world: World, target: Target) -> list[dict[str, Any]]:
    key = demanded(world, target.places[0])
    where = Where("parent = ? AND state < ?", (key, DELETED))
    return world.store.docs(_TRIGGERS, where, f"{value_of('position')}, id")


def _listed(rows: list[dict[str, Any]]) -> Answer:
    about = {"next_page": None, "previous_page": None, "count": len(rows)}
    return Answer(text=dumped({"triggers": rows, **about}))


_OBJECT = "custom_objects/{}"
ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", f"{_OBJECT}/triggers/active", _TRIGGERS): list_active,
    ("GET", f"{_OBJECT}/triggers/search", _TRIGGERS): search,
    ("GET", f"{_OBJECT}/triggers/definitions", _TRIGGERS): define,
    ("PUT", f"{_OBJECT}/triggers/update_many", _TRIGGERS): update_many,
    ("DELETE", f"{_OBJECT}/triggers/destroy_many", _TRIGGERS): destroy_many,
    ("GET", f"{_OBJECT}/access_rules/definitions", "support.AccessRule"): define,
    ("GET", f"{_OBJECT}/permission_policies", _POLICIES): list_policies,
    ("GET", f"{_OBJECT}/permission_policies/{{}}", _POLICIES): show_policy,
    ("PATCH", f"{_OBJECT}/permission_policies/{{}}", _POLICIES): update_policy,
}

"""The conditions of a view, as SQL over tickets.

Source: https://developer.zendesk.com/documentation/ticketing/reference-guides/conditions-reference/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from zendesk_orm.emulator.paging import RANKED
from zendesk_orm.emulator.plain import tags
from zendesk_orm.emulator.refusals import complaint, invalid_record
from zendesk_orm.emulator.store import Where, value_of
from zendesk_orm.emulator.world import World, is_number


#: One condition: `{"field": "status", "operator": "less_than", "value": "solved"}`.
Condition = Mapping[str, Any]

#: Of these, a view has to ask for at least one in `all`.
DEMANDED = ("status", "type", "group_id", "assignee_id", "requester_id")


def where(world: World, all_: Iterable[Condition], any_: Iterable[Condition]) -> Where:
    """Return what holds for the tickets that meet all of some conditions, and any of others.

    Raises:
        Refusal: there is no such condition, or the emulator does not know it.
    """
    found = Where()
    for each in all_:
        found &= _one(world, each)
    alternatives = [_one(world, each) for each in any_]
    if alternatives:
        either = alternatives[0]
        for each_where in alternatives[1:]:
            either |= each_where
        found &= either
    return found


def held(world: World, view: Mapping[str, Any]) -> Where:
    """Return what holds for the tickets of a view."""
    return where(world, view["conditions"]["all"], view["conditions"]["any"])


def _one(world: World, condition: Condition) -> Where:
    field, operator = str(condition.get("field")), str(condition.get("operator"))
    meaning = _FIELDS.get(field)
    if meaning is None:
        raise _refused(f"the emulator does not know the field {field} in conditions of a view")
    found = meaning(world, field, operator, condition.get("value"))
    if found is None:
        raise _refused(f"Operator: {operator} is not valid for {field}")
    return found


def _refused(why: str) -> Exception:
    return invalid_record({"base": [complaint(why, "InvalidValue")]})


def _chosen(world: World, field: str, operator: str, value: Any) -> Where | None:
    """Compare a field with fixed choices, which has an order."""
    if operator in ("is", "is_not"):
        return _equal(world, field, operator, value)
    ranks = RANKED.get(field, ())
    if operator not in ("less_than", "greater_than") or value not in ranks:
        return None
    at = ranks.index(value)
    names = ranks[:at] if operator == "less_than" else ranks[at + 1 :]
    return Where(f"{value_of(field)} IN ({', '.join('?' * len(names))})", names)


def _equal(world: World, field: str, operator: str, value: Any) -> Where | None:
    """Compare a field with one value; an empty one is that of a ticket that has none."""
    if operator not in ("is", "is_not"):
        return None
    wanted = world.author if value == "current_user" else value
    if isinstance(wanted, str) and is_number(wanted):
        wanted = int(wanted)
    sql = value_of(field)
    same = Where(f"{sql} IS NULL") if wanted in ("", None) else Where(f"{sql} = ?", (wanted,))
    return same if operator == "is" else ~same


def _tagged(world: World, field: str, operator: str, value: Any) -> Where | None:
    """Ask for one of some tags, or for none of them."""
    wanted = tags(value)
    held = Where("0")
    for tag in wanted:
        held |= Where("EXISTS (SELECT 1 FROM json_each(doc, '$.tags') WHERE value = ?)", (tag,))
    if operator == "not_includes":
        return ~held
    if operator != "includes":
        return None
    if world.switches.any_tag_includes:
        return held
    missing = Where("0")
    for tag in wanted:
        one = "EXISTS (SELECT 1 FROM json_each(doc, '$.tags') WHERE value = ?)"
        missing |= ~Where(one, (tag,))
    return ~missing


def _hours(world: World, field: str, operator: str, value: Any) -> Where | None:
    """Compare how many hours ago something was, as recorded for recently updated tickets."""
    signs = {"less_than": ">", "greater_than": "<"}
    if operator not in signs or not is_number(str(value)):
        return None
    moment = world.stamp(world.now() - int(value) * 3600)
    return Where(f"{value_of(field)} {signs[operator]} ?", (moment,))


_FIELDS: Mapping[str, Callable[[World, str, str, Any], Where | None]] = {
    "status": _chosen,
    "priority": _chosen,
    "type": _equal,
    "group_id": _equal,
    "assignee_id": _equal,
    "requester_id": _equal,
    "organization_id": _equal,
    "brand_id": _equal,
    "current_tags": _tagged,
    "updated_at": _hours,
}

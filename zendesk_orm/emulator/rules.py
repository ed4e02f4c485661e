"""What Zendesk refuses to keep: 422, and what is wrong with which field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import places
from zendesk_orm.emulator.refusals import complaint, invalid_record
from zendesk_orm.emulator.world import World
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Locale


Details = dict[str, list[dict[str, Any]]]
#: What is asked of a row: the world, the model, the row as it would be, and as it was or None.
Rule = Callable[[World, Options, Mapping[str, Any], "Mapping[str, Any] | None"], Details]


def check(
    world: World, meta: Options, row: Mapping[str, Any], before: Mapping[str, Any] | None = None
) -> None:
    """Refuse the row if it breaks a rule.

    Args:
        world: where the other rows are.
        meta: the options of its model.
        row: the row as it would be.
        before: the row as it was; None when it is new.

    Raises:
        Refusal: it does.
    """
    details: Details = {}
    for rule in (_choices, _references, *RULES.get(meta.label, ())):
        for name, complaints in rule(world, meta, row, before).items():
            details.setdefault(name, []).extend(complaints)
    if details:
        raise invalid_record(details)


def _choices(
    world: World, meta: Options, row: Mapping[str, Any], before: Mapping[str, Any] | None
) -> Details:
    """Ask of each field with fixed choices that it has one of them."""
    found: Details = {}
    for field in meta.fields.values():
        value = row.get(field.wire)
        if not field.kind.choices or value in field.kind.choices:
            continue
        if value is None and (field.nullable or before is None or before.get(field.wire) is None):
            continue
        title = field.wire.replace("_", " ").capitalize()
        text = f"{title}: {value} is not valid"
        found[field.wire] = [complaint(text, "InvalidValue")]
    return found


def _references(
    world: World, meta: Options, row: Mapping[str, Any], before: Mapping[str, Any] | None
) -> Details:
    """Ask of each relation that the row it points to is there."""
    found: Details = {}
    for name, relation in meta.relations.items():
        value = relation.id.loaded(row)
        if value is None or (before is not None and relation.id.loaded(before) == value):
            continue
        if relation.model is Locale:
            places.settle(world)
        if world.store.get(relation.model._meta.label, value) is None:
            text = f"{name.replace('_', ' ').capitalize()}: {value} was not found"
            found[name] = [complaint(text, "RecordNotFound")]
    return found


def _required(name: str) -> Rule:
    def rule(
        world: World, meta: Options, row: Mapping[str, Any], before: Mapping[str, Any] | None
    ) -> Details:
        if str(row.get(name) or "").strip():
            return {}
        text = f"{name.capitalize()}: cannot be blank"
        return {name: [complaint(text, "BlankValue")]}

    return rule


def _unique(name: str, sentence: str) -> Rule:
    def rule(
        world: World, meta: Options, row: Mapping[str, Any], before: Mapping[str, Any] | None
    ) -> Details:
        value = row.get(name)
        if value in (None, "") or (before is not None and before.get(name) == value):
            return {}
        others = world.store.find(meta.label, name, value)
        if all(other["id"] == row.get("id") for other in others):
            return {}
        return {name: [complaint(sentence.format(value), "DuplicateValue")]}

    return rule


def _described(
    world: World, meta: Options, row: Mapping[str, Any], before: Mapping[str, Any] | None
) -> Details:
    """Ask of a new ticket that it says something."""
    if before is not None or str(row.get("description") or "").strip():
        return {}
    return {"description": [complaint("Description: cannot be blank", "BlankValue")]}


def _not_closed(
    world: World, meta: Options, row: Mapping[str, Any], before: Mapping[str, Any] | None
) -> Details:
    """Ask of a changed ticket that it had not been closed: closed is the end."""
    if before is None or before.get("status") != "closed":
        return {}
    return {"status": [complaint("closed prevents ticket update")]}


def _requester_not_suspended(
    world: World, meta: Options, row: Mapping[str, Any], before: Mapping[str, Any] | None
) -> Details:
    """Ask of the requester of a new ticket not to be suspended.

    Source: https://github.com/zendesk/zendesk_api_client_rb/issues/369
    """
    relation = meta.relations["requester"]
    user = world.store.get(relation.model._meta.label, row.get("requester_id"))
    if before is not None or user is None or not user.get("suspended"):
        return {}
    text = f"Requester: {user.get('name')} is suspended."
    return {"requester": [complaint(text, "InvalidValue")]}


def _assigned_to_agent(
    world: World, meta: Options, row: Mapping[str, Any], before: Mapping[str, Any] | None
) -> Details:
    """Ask of an assignee that it is an agent."""
    relation = meta.relations["assignee"]
    user = world.store.get(relation.model._meta.label, row.get("assignee_id"))
    if user is None or user.get("role") in ("agent", "admin"):
        return {}
    text = f"Assignee: {user.get('name')} is not an agent"
    return {"assignee": [complaint(text, "InvalidValue")]}


_TAKEN = "External has already been taken"

RULES: Mapping[str, tuple[Rule, ...]] = {
    "support.Ticket": (
        _described,
        _not_closed,
        _requester_not_suspended,
        _assigned_to_agent,
    ),
    "support.User": (
        _required("name"),
        _unique("email", "Email: {} is already being used by another user"),
        _unique("external_id", _TAKEN),
    ),
    "support.Organization": (
        _required("name"),
        # Recorded with two blanks.
        _unique("name", "Name:  {} has already been taken"),
        _unique("external_id", _TAKEN),
    ),
    "support.Group": (_required("name"),),
}

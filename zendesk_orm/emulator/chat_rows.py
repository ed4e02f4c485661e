"""Rows of Chat that are known by other things than ids, or come in lists of their own.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/introduction/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.chat import Agent, IpBan, RoutingSettings, Shortcut, Trigger, VisitorBan
from zendesk_orm.emulator import plain, writes
from zendesk_orm.emulator.paging import number, whole_number
from zendesk_orm.emulator.refusals import complaint, invalid_record, not_found
from zendesk_orm.emulator.store import DELETED, Stored, Where, dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.schema.options import Options


#: Rows to a page of what goes on by ids, where a page is asked for.
_FEW = 10
#: The models of bans, by the list that they stand in.
_BANS = {"ip_address": IpBan, "visitor": VisitorBan}


def by(wire: str) -> Callable[[World, Call, Target], Answer]:
    """Return what answers with the row of which a field has the value in the path."""

    def show(world: World, call: Call, target: Target) -> Answer:
        return Answer(text=dumped(_found(world, target.meta, wire, target.places[0]).doc))

    return show


def me(world: World, call: Call, target: Target) -> Answer:
    """Answer with the agent who asks: the one with the e-mail of the user.

    Raises:
        Refusal: the user is no agent of Chat.
    """
    user = world.store.get("support.User", world.author)
    email = user["email"] if user else None
    return Answer(text=dumped(_found(world, Agent._meta, "email", email).doc))


def list_agents(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of agents."""
    return Answer(text=dumped(_page(world, call, Agent._meta)))


def list_bans(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of bans, of which each kind has its own list."""
    rows = [(key, row) for key, model in _BANS.items() for row in _after(world, call, model._meta)]
    rows.sort(key=lambda each: int(each[1]["id"]))
    rows = rows[: _size(call)]
    told = {key: [row for each, row in rows if each == key] for key in _BANS}
    return Answer(text=dumped(told))


def create_ban(world: World, call: Call, target: Target) -> Answer:
    """Answer with a new ban, of an address or of a visitor.

    Raises:
        Refusal: it is of neither.
    """
    kind = call.body.get("type", "")
    if kind not in _BANS:
        raise invalid_record({"type": [complaint("Type: is invalid", "InvalidValue")]})
    row = plain.create(world, _BANS[kind]._meta, call.body, {}).row
    return Answer(201, dumped(row))


def show_ban(world: World, call: Call, target: Target) -> Answer:
    """Answer with a ban of either kind.

    Raises:
        Refusal: there is none.
    """
    return Answer(text=dumped(_ban(world, target)[1].doc))


def delete_ban(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: the ban is lifted.

    Raises:
        Refusal: there is none.
    """
    meta, stored = _ban(world, target)
    plain.delete(world, meta, stored)
    return Answer(204)


def create_shortcut(world: World, call: Call, target: Target) -> Answer:
    """Answer with a new shortcut, whose id is its name."""
    also = {"id": call.body.get("name"), "scope": call.body.get("scope", "all")}
    return Answer(201, dumped(plain.create(world, Shortcut._meta, call.body, {}, also).row))


def update_trigger(world: World, call: Call, target: Target) -> Answer:
    """Answer with a trigger, changed.

    Raises:
        Refusal: there is none of the name.
    """
    stored = _found(world, Trigger._meta, "name", target.places[0])
    return Answer(text=dumped(plain.update(world, Trigger._meta, stored, call.body).row))


def delete_trigger(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: the trigger is gone.

    Raises:
        Refusal: there is none of the name.
    """
    stored = _found(world, Trigger._meta, "name", target.places[0])
    plain.delete(world, Trigger._meta, stored)
    return Answer(204)


def update_routing(world: World, call: Call, target: Target) -> Answer:
    """Answer with the routing settings, in the envelope that they are not sent in."""
    stored = plain.only(world, RoutingSettings._meta)
    row = writes.update_one(world, RoutingSettings._meta, stored.id, dict(call.body)).row
    return Answer(text=dumped({"data": row}))


def _page(world: World, call: Call, meta: Options) -> list[dict[str, Any]]:
    return _after(world, call, meta)[: _size(call)]


def _after(world: World, call: Call, meta: Options) -> list[dict[str, Any]]:
    """Return the rows from an id on, that itself included."""
    since = number(call, "since_id")
    return world.store.docs(meta.label, Where("state < ? AND id >= ?", (DELETED, since)))


def _size(call: Call) -> int | None:
    asked = {"limit", "since_id", "max_id"} & {*call.params}
    return whole_number(call, "limit", _FEW) if asked else None


def _found(world: World, meta: Options, wire: str, value: Any) -> Stored:
    """Return the row of which a field has a value.

    Raises:
        Refusal: there is none.
    """
    found = world.store.find(meta.label, wire, value)
    if not found:
        raise not_found()
    return plain.stored(world, meta, found[0]["id"])


def _ban(world: World, target: Target) -> tuple[Options, Stored]:
    for model in _BANS.values():
        found = world.store.row(model._meta.label, target.places[0])
        if found is not None:
            return model._meta, found
    raise not_found()


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "chat/agents", "chat.Agent"): list_agents,
    ("GET", "chat/agents/me", "chat.Agent"): me,
    ("GET", "chat/agents/email/{}", "chat.Agent"): by("email"),
    ("GET", "chat/visitors/email/{}", "chat.Visitor"): by("email"),
    ("GET", "chat/departments/name/{}", "chat.Department"): by("name"),
    ("GET", "chat/triggers/{}", "chat.Trigger"): by("name"),
    ("PUT", "chat/triggers/{}", "chat.Trigger"): update_trigger,
    ("DELETE", "chat/triggers/{}", "chat.Trigger"): delete_trigger,
    ("POST", "chat/shortcuts", "chat.Shortcut"): create_shortcut,
    ("PATCH", "chat/routing_settings/account", "chat.RoutingSettings"): update_routing,
    **{
        (method, path, label): handler
        for label in ("chat.IpBan", "chat.VisitorBan")
        for method, path, handler in (
            ("GET", "chat/bans", list_bans),
            ("POST", "chat/bans", create_ban),
            ("GET", "chat/bans/{}", show_ban),
            ("DELETE", "chat/bans/{}", delete_ban),
        )
    },
}

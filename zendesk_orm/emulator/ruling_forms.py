"""Ticket forms, custom statuses, and which of these the tickets of a form can have.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_forms/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from zendesk_orm.emulator import plain, ruling_writes
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.refusals import complaint, invalid_record, missing_parameter, not_found
from zendesk_orm.emulator.store import DELETED, Stored, Where, dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World, is_number
from zendesk_orm.schema.options import Options
from zendesk_orm.support import CustomStatus, Ticket, TicketForm, TicketFormStatus


_LABELS = ("agent_label", "end_user_label", "description", "end_user_description")


def create_form(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a form, behind the others.

    Raises:
        Refusal: it has no name.
    """
    name = payload.get("name")
    if not str(name or "").strip():
        raise invalid_record({"name": [complaint("Name: cannot be blank", "BlankValue")]})
    shown = payload.get("display_name") or name
    also = {"display_name": shown, "raw_name": name, "raw_display_name": shown}
    if payload.get("position") is None:
        also["position"] = ruling_writes.next_position(world, meta)
    written = plain.create(world, meta, payload, given, also)
    _only_default(world, meta, written.row)
    return written


def update_form(world: World, meta: Options, stored: Stored, payload: Mapping[str, Any]) -> Written:
    """Change a form; a new default one takes the place of the old."""
    also = {f"raw_{name}": payload[name] for name in ("name", "display_name") if name in payload}
    written = plain.update(world, meta, stored, payload, also)
    _only_default(world, meta, written.row)
    return written


def delete_form(world: World, meta: Options, stored: Stored) -> Written:
    """Delete a form.

    Raises:
        Refusal: it is the default one.
    """
    if stored.doc["default"]:
        text = "Ticket form: the default form cannot be deleted"
        raise invalid_record({"base": [complaint(text, "InvalidValue")]})
    return plain.delete(world, meta, stored)


def clone(world: World, call: Call, target: Target) -> Answer:
    """Answer with a form like another."""
    stored = plain.stored(world, target.meta, target.places[0])
    also = {**stored.doc, "id": None, "url": None, "default": False}
    also["position"] = ruling_writes.next_position(world, target.meta)
    written = plain.create(world, target.meta, {}, {}, also)
    return Answer(text=dumped({"ticket_form": written.row}))


def list_ties(world: World, call: Call, target: Target) -> Answer:
    """Answer with what ties statuses to forms, perhaps of some forms only."""
    where = Where("state < ?", (DELETED,))
    wanted = target.places or tuple(call.ids("ticket_form_id"))
    rows = world.store.docs(TicketFormStatus._meta.label, where)
    return _ties(each for each in rows if not wanted or each["ticket_form_id"] in wanted)


def tie_form(world: World, call: Call, target: Target) -> Answer:
    """Answer with what ties a form to further statuses."""
    form = plain.stored(world, TicketForm._meta, target.places[0]).id
    return _ties(_tie(world, form, each["custom_status_id"]) for each in _items(call))


def tie_status(world: World, call: Call, target: Target) -> Answer:
    """Answer with what ties a status to further forms."""
    status = plain.stored(world, CustomStatus._meta, target.places[0]).id
    return _ties(_tie(world, each["ticket_form_id"], status) for each in _items(call))


def change_ties(world: World, call: Call, target: Target) -> Answer:
    """Answer with what ties a form to statuses, after some were added and others removed."""
    form = plain.stored(world, TicketForm._meta, target.places[0]).id
    for each in _items(call):
        if each.get("_destroy"):
            _untie(world, form, each.get("id"))
        elif each.get("custom_status_id"):
            _tie(world, form, each["custom_status_id"])
    return list_ties(world, call, target)


def untie(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: a form lost some statuses."""
    ids = call.body.get("id")
    for pk in ids if isinstance(ids, list) else [ids]:
        _untie(world, target.places[0], pk)
    return Answer(204)


def create_status(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a custom status.

    Raises:
        Refusal: it has no label for agents, or no category.
    """
    for name in ("agent_label", "status_category"):
        if not str(payload.get(name) or "").strip():
            text = f"{name.replace('_', ' ').capitalize()}: cannot be blank"
            raise invalid_record({name: [complaint(text, "BlankValue")]})
    shown = {"end_user_label": payload.get("end_user_label") or payload["agent_label"]}
    said = {**payload, **shown}
    return plain.create(world, meta, payload, given, {**shown, **_raw(said), "default": False})


def update_status(
    world: World, meta: Options, stored: Stored, payload: Mapping[str, Any]
) -> Written:
    """Change a custom status."""
    return plain.update(world, meta, stored, payload, _raw(payload))


def delete_status(world: World, meta: Options, stored: Stored) -> Written:
    """Delete a custom status.

    Raises:
        Refusal: it is the default of its category, or a ticket that is not closed has it.
    """
    held = world.store.find(Ticket._meta.label, "custom_status_id", stored.id)
    if stored.doc["default"] or any(each["status"] != "closed" for each in held):
        text = "Custom status: is in use"
        raise invalid_record({"base": [complaint(text, "InvalidValue")]})
    return plain.delete(world, meta, stored)


def set_defaults(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing much: statuses are the defaults of their categories.

    Raises:
        Refusal: there is no such status.
    """
    meta = target.meta
    ids = [int(pk) for pk in str(call.body.get("ids") or "").split(",") if is_number(pk.strip())]
    if not ids:
        raise missing_parameter("ids")
    for pk in ids:
        chosen = plain.stored(world, meta, pk).doc
        for each in world.store.find(meta.label, "status_category", chosen["status_category"]):
            world.write(meta, {**each, "default": each["id"] == pk})
    return Answer(text="{}")


def category(world: World, pk: Any) -> str | None:
    """Return the status of tickets that have a custom status, or None when there is none."""
    found = world.store.get(CustomStatus._meta.label, pk)
    return None if found is None else str(found["status_category"])


def default(world: World, status: str) -> Any:
    """Return the id of the custom status that stands for a status."""
    wanted = "solved" if status == "closed" else status
    found = world.store.find(CustomStatus._meta.label, "status_category", wanted)
    return next((each["id"] for each in found if each["default"]), None)


def _only_default(world: World, meta: Options, row: Mapping[str, Any]) -> None:
    if row["default"]:
        for each in world.store.find(meta.label, "default", 1):
            if each["id"] != row["id"]:
                world.write(meta, {**each, "default": False})


def _raw(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {f"raw_{name}": payload[name] for name in _LABELS if name in payload}


def _items(call: Call) -> list[dict[str, Any]]:
    items = call.body.get("ticket_form_status")
    if isinstance(items, dict):
        return [items]
    if not isinstance(items, list):
        raise missing_parameter("ticket_form_status")
    return items


def _tie(world: World, form: Any, status: Any) -> dict[str, Any]:
    meta = TicketFormStatus._meta
    plain.stored(world, TicketForm._meta, form)
    plain.stored(world, CustomStatus._meta, status)
    for known in world.store.find(meta.label, "ticket_form_id", form):
        if known["custom_status_id"] == status:
            return known
    also = {"ticket_form_id": form, "custom_status_id": status}
    return plain.create(world, meta, {}, {}, also).row


def _untie(world: World, form: Any, pk: Any) -> None:
    meta = TicketFormStatus._meta
    stored = plain.stored(world, meta, pk)
    if stored.doc["ticket_form_id"] != form:
        raise not_found()
    plain.delete(world, meta, stored)


def _ties(rows: Iterable[dict[str, Any]]) -> Answer:
    return Answer(text=dumped({"ticket_form_statuses": list(rows)}))


_TIE, _FORM, _STATUS = "support.TicketFormStatus", "support.TicketForm", "support.CustomStatus"
_BELOW = "ticket_forms/{}/ticket_form_statuses"
ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("POST", "ticket_forms/{}/clone", _FORM): clone,
    ("GET", "ticket_form_statuses", _TIE): list_ties,
    ("GET", _BELOW, _TIE): list_ties,
    ("POST", _BELOW, _FORM): tie_form,
    ("PUT", _BELOW, _FORM): change_ties,
    ("DELETE", _BELOW, _FORM): untie,
    ("POST", "custom_statuses/{}/ticket_form_statuses", _STATUS): tie_status,
    ("PUT", "custom_status/default", _STATUS): set_defaults,
}

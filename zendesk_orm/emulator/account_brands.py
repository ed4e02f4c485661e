"""Brands: which one is the default, their hosts and their logos.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/brands/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.emulator import plain, uploads
from zendesk_orm.emulator.forms import parse_form
from zendesk_orm.emulator.paging import page
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.reads import listing
from zendesk_orm.emulator.refusals import complaint, invalid_record, missing_parameter
from zendesk_orm.emulator.store import DELETED, Stored, Where, dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Brand


_META = Brand._meta
#: What the file is called in the form.
_PART = "brand[logo][uploaded_data]"
#: A host that no emulated name server knows.
_NOWHERE = ".invalid"


def list_rows(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of brands; with the deleted ones, if they are asked for."""
    everything = call.params.get("include_deleted") == "true"
    found = page(world, call, target, Where("state < ?", (DELETED + everything,)))
    return Answer(text=listing(target, found.texts, "", found.about))


def create(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a brand, with a help center that is not open yet.

    Raises:
        Refusal: it has no name or subdomain, or that of another.
    """
    for name in ("name", "subdomain"):
        if not str(payload.get(name) or "").strip():
            text = f"{name.capitalize()}: cannot be blank"
            raise invalid_record({name: [complaint(text, "BlankValue")]})
    _free(world, payload["subdomain"])
    also = {
        "brand_url": payload.get("brand_url") or f"https://{payload['subdomain']}.zendesk.com",
        "help_center_state": "disabled",
        "is_deleted": False,
        "default": False,
    }
    written = plain.create(world, meta, payload, given, also)
    return Written(_choose(world, written.row)) if payload.get("default") else written


def update(world: World, meta: Options, stored: Stored, payload: Mapping[str, Any]) -> Written:
    """Change a brand; one that becomes the default one takes that from another.

    Raises:
        Refusal: its subdomain is another's, or it would leave the account without a default.
    """
    if payload.get("subdomain", stored.doc["subdomain"]) != stored.doc["subdomain"]:
        _free(world, payload["subdomain"])
    default = payload.get("default")
    if default is False and stored.doc["default"]:
        text = "Default: make another brand the default one instead"
        raise invalid_record({"default": [complaint(text, "InvalidValue")]})
    written = plain.update(world, meta, stored, payload)
    return Written(_choose(world, written.row)) if default else written


def delete(world: World, meta: Options, stored: Stored) -> Written:
    """Delete a brand softly.

    Raises:
        Refusal: it is the default one.
    """
    if stored.doc["default"]:
        text = "Base: the default brand cannot be deleted"
        raise invalid_record({"base": [complaint(text, "InvalidValue")]})
    row = {**stored.doc, "active": False, "is_deleted": True, "updated_at": world.stamp()}
    world.write(meta, row, state=DELETED)
    return Written(row)


def check(world: World, call: Call, target: Target) -> Answer:
    """Answer with whether the host of a brand leads to it."""
    row = plain.stored(world, _META, target.places[0]).doc
    return _verdict(row["host_mapping"], row["subdomain"])


def check_any(world: World, call: Call, target: Target) -> Answer:
    """Answer with whether a host leads to a subdomain.

    Raises:
        Refusal: one of the two is not given.
    """
    for name in ("host_mapping", "subdomain"):
        if not call.params.get(name):
            raise missing_parameter(name)
    return _verdict(call.params["host_mapping"], call.params["subdomain"])


def set_logo(world: World, call: Call, target: Target) -> Answer:
    """Answer with the brand, whose logo is the file of the form.

    Raises:
        Refusal: there is no such brand, or no file.
    """
    stored = plain.stored(world, _META, target.places[0])
    _, file = parse_form(call, _PART)
    if file is None:
        raise missing_parameter(_PART)
    picture = evolve(call, content=file.content, headers={"content-type": file.type})
    logo = uploads.kept(world, picture, file.name or "logo")
    row = {**stored.doc, "logo": logo, "updated_at": world.stamp()}
    world.write(_META, row)
    return Answer(text=dumped({"brand": row}))


def delete_logo(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: the brand has no logo any more, if it had one."""
    row = plain.stored(world, _META, target.places[0]).doc
    world.write(_META, {**row, "logo": None, "updated_at": world.stamp()})
    return Answer(204)


def _verdict(host: str | None, subdomain: str) -> Answer:
    """Return what name servers would say: all hosts lead here, but for `*.invalid`."""
    expected = f"{subdomain}.zendesk.com"
    if host and not host.endswith(_NOWHERE):
        return Answer(text=dumped({"cname": expected, "is_valid": True}))
    told = {"expected_cnames": [expected], "is_valid": False, "reason": "not_a_cname"}
    return Answer(text=dumped(told))


def _choose(world: World, row: dict[str, Any]) -> dict[str, Any]:
    for other in world.store.find(_META.label, "default", 1):
        if other["id"] != row["id"]:
            world.write(_META, {**other, "default": False, "updated_at": world.stamp()})
    chosen = {**row, "default": True}
    world.write(_META, chosen)
    world.brand = row["id"]
    return chosen


def _free(world: World, subdomain: Any) -> None:
    if world.store.find(_META.label, "subdomain", subdomain):
        text = f"Subdomain: {subdomain} has already been taken"
        raise invalid_record({"subdomain": [complaint(text, "DuplicateValue")]})


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "brands", _META.label): list_rows,
    ("GET", "brands/check_host_mapping", _META.label): check_any,
    ("GET", "brands/{}/check_host_mapping", _META.label): check,
    ("PUT", "brands/{}/logo", _META.label): set_logo,
    ("DELETE", "brands/{}/logo", _META.label): delete_logo,
}

"""Events of users in other applications and systems.

Source: https://developer.zendesk.com/api-reference/ticketing/users/events-api/events-api/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator.context import Context, format_timestamp
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.paging import select_page
from zendesk_orm.emulator.crud.reads import render_list
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.people import profiles
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where, json_value, where_equal, where_in
from zendesk_orm.emulator.storage.store import dump_json
from zendesk_orm.errors import InvalidValue, UnexpectedValue
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.support import User, UserEvent, UserProfile
from zendesk_orm.support.users.profiles import Identifier


_META = UserEvent._meta
#: The source of Zendesk's own events.
_RESERVED = "zendesk"


@route("GET", "users/{user}/events", UserEvent)
def list_of_user(context: Context, request: Request, target: Target) -> Response:
    """List the events of all profiles of a user.

    Raises:
        HTTPError: 400, if a parameter is invalid; 404, if the user does not exist.
    """
    user = resources.get(context, User._meta, target.args[0]).id
    rows = context.store.find(UserProfile._meta.label, "user_id", str(user))
    return _list(context, request, target, [row["id"] for row in rows])


@route("GET", "user_profiles/{profile}/events", UserEvent)
def list_of_profile(context: Context, request: Request, target: Target) -> Response:
    """List the events of a profile.

    Raises:
        HTTPError: 400, if a parameter is invalid; 404, if the profile does not exist.
    """
    profile = resources.get(context, UserProfile._meta, target.args[0]).id
    return _list(context, request, target, [profile])


@route("GET", "user_profiles/events", UserEvent)
def list_by_identifier(context: Context, request: Request, target: Target) -> Response:
    """List the events of the profile with an identifier.

    Raises:
        HTTPError: 400, if a parameter is invalid; 404, if the profile does not exist.
    """
    return _list(context, request, target, [profiles.require_profile(context, request)["id"]])


@route("POST", "user_profiles/events", UserEvent)
@route("POST", "users/{user}/events", UserEvent)
def create(context: Context, request: Request, target: Target) -> Response:
    """Store an event of a profile, which is created if it does not exist.

    Raises:
        HTTPError: 400, if the event or the profile is invalid; 404, if the user does not exist.
    """
    user = resources.get(context, User._meta, target.args[0]).id if target.args else None
    values = request.get_object("profile")
    profile = _find_profile(context, values) or profiles.write_profile(context, values, None, user)
    return _store(context, request, profile)


@route("POST", "user_profiles/{profile}/events", UserEvent)
def create_for_profile(context: Context, request: Request, target: Target) -> Response:
    """Store an event of a profile.

    Raises:
        HTTPError: 400, if the event is invalid; 404, if the profile does not exist.
    """
    return _store(context, request, resources.get(context, UserProfile._meta, target.args[0]).doc)


def _find_profile(context: Context, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the row of the profile with one of the identifiers in a body, or None."""
    for item in values.get("identifiers") or ():
        parts = (values.get("source"), values.get("type"), item.get("type"), item.get("value"))
        try:
            identifier = Identifier.parse(":".join(map(str, parts)))
        except InvalidValue:
            continue
        row = profiles.find_profile(context, identifier)
        if row is not None:
            return row
    return None


def _store(context: Context, request: Request, profile: Mapping[str, Any]) -> Response:
    """Store the event of a body, and return the response, which has no id of the event."""
    event = request.get_object("event")
    for name in ("source", "type"):
        if not event.get(name):
            raise profiles.error(400, "InvalidEvent", f"{name} is missing")
    if not isinstance(event.get("properties"), dict):
        raise profiles.error(400, "InvalidEvent", "properties must be an object")
    if event["source"] == _RESERVED:
        raise profiles.error(400, "InvalidEvent", "the source zendesk is reserved")
    now = context.timestamp()
    created = event.get("created_at")
    row = {
        "id": resources.generate_ulid(context),
        "source": event["source"],
        "type": event["type"],
        "description": event.get("description"),
        "properties": event["properties"],
        "created_at": now if created is None else _parse_time(created, "created_at"),
        "received_at": now,
    }
    context.write(_META, row, parent=profile["id"])
    if not context.switches.event_receipts:
        return Response(202)
    names = {"profile_id": profile["id"], "user_id": profile["user_id"]}
    return Response(202, dump_json({**names, "status": "received"}))


def _list(context: Context, request: Request, target: Target, ids: list[str]) -> Response:
    """Return a page of the events of profiles; `links` is a list."""
    where = where_in("parent", ids) & _where(request)
    order = "-id" if context.switches.newest_events_first else "id"
    endpoints = tuple(
        evolve(endpoint, default_order=order)
        for endpoint in target.endpoints
        if endpoint.verb is Verb.LIST
    )
    page = select_page(context, request, evolve(target, endpoints=endpoints), where)
    links = page.metadata.get("links") or {}
    has_more = (page.metadata.get("meta") or {}).get("has_more")
    metadata = {**page.metadata, "links": [{"next": links.get("next")}] if has_more else []}
    return Response(text=render_list(target, page.texts, "", metadata))


def _where(request: Request) -> Where:
    """Return the condition for the events that the parameters select."""
    params, where = request.params, Where()
    if "filter[type]" in params and "filter[source]" not in params:
        raise profiles.error(400, "InvalidFilter", "filter[type] requires filter[source]")
    for name in ("source", "type"):
        if f"filter[{name}]" in params:
            where &= where_equal(name, params[f"filter[{name}]"])
    for name, operator in (("start_time", ">="), ("end_time", "<=")):
        if f"filter[{name}]" in params:
            moment = _parse_time(params[f"filter[{name}]"], name)
            where &= Where(f"{json_value('created_at')} {operator} ?", (moment,))
    return where


def _parse_time(text: Any, name: str) -> str:
    """Return a time in the format of Zendesk.

    Raises:
        HTTPError: 400, if it is not a time.
    """
    try:
        return format_timestamp(load_datetime(text).timestamp())
    except UnexpectedValue:
        raise profiles.error(400, "StartTimestampNotValid", f"{name} is invalid") from None

"""Talk's calls: exported, deleted in sound, made by other telephone systems, asked for.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/incremental_exports/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from zendesk_orm.emulator import plain, tickets
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.reads import listing
from zendesk_orm.emulator.refusals import invalid_attribute, not_found
from zendesk_orm.emulator.store import DELETED, Where, dumped, value_of
from zendesk_orm.emulator.world import Answer, Call, Target, World, is_number, stamp
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.support import Ticket
from zendesk_orm.talk import PartnerCall, PhoneNumber


#: Rows to a page; unconfirmed.
MOST = 1000

_CHANGED = value_of("updated_at")


def export(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of an export, and a link that is there after the end, too.

    Raises:
        Refusal: it begins nowhere.
    """
    start = call.params.get("start_time", "")
    if not is_number(start):
        raise invalid_attribute("start_time", "start_time must be an integer")
    where = Where(f"{_CHANGED} >= ?", (stamp(float(start)),)) & Where("state < ?", (DELETED,))
    found = world.store.texts(target.meta.label, where, f"{_CHANGED}, id", most=MOST, also=_CHANGED)
    end = int(load_datetime(found[-1][2]).timestamp()) if found else int(start)
    query = urlencode({"start_time": end})
    about = {
        "count": len(found),
        "end_time": end,
        "next_page": f"{call.host}/api/v2/{call.path}.json?{query}",
    }
    return Answer(text=listing(target, [row[0] for row in found], "", about))


def delete_recordings(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: what was recorded is gone.

    Raises:
        Refusal: there is no such call.
    """
    plain.stored(world, target.meta, target.places[0])
    return Answer(204)


def create(world: World, call: Call, target: Target) -> Answer:
    """Answer with a call of another telephone system; a comment goes into its ticket.

    Raises:
        Refusal: it breaks a rule.
    """
    payload = dict(call.envelope("call"))
    comment = call.body.get("comment")
    if comment and payload.get("ticket_id") is None:
        payload["ticket_id"] = _ticket(world, payload, comment).row["id"]
        comment = None
    row = plain.create(world, PartnerCall._meta, payload, {}).row
    if comment:
        _say(world, row, comment)
    return Answer(201, dumped({"call": row}))


def comment(world: World, call: Call, target: Target) -> Answer:
    """Answer with the voice comment that was written into the ticket of a call.

    Raises:
        Refusal: there is no such call, or it has no ticket.
    """
    row = plain.stored(world, PartnerCall._meta, target.places[0]).doc
    # Recorded: 201 although the call has no ticket.
    if row["ticket_id"] is not None:
        _say(world, row, call.body)
    # Recorded: no envelope.
    told = {"call_id": row["id"], "ticket_id": row["ticket_id"], **call.body}
    return Answer(201, dumped(told))


def request_callback(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: somebody is called back.

    Raises:
        Refusal: there is no such phone number.
    """
    asked = call.envelope("callback_request")
    if world.store.get(PhoneNumber._meta.label, asked.get("phone_number_id")) is None:
        raise not_found()
    return Answer(201)


def _ticket(world: World, payload: Mapping[str, Any], said: Mapping[str, Any]) -> Written:
    made = {
        "subject": said.get("title"),
        "requester_id": payload.get("end_user_id"),
        "comment": {"body": said.get("title"), "author_id": said.get("author_id")},
    }
    known = {name: value for name, value in made.items() if value is not None}
    return tickets.create(world, Ticket._meta, known, {})


def _say(world: World, row: Mapping[str, Any], said: Mapping[str, Any]) -> None:
    ticket = plain.stored(world, Ticket._meta, row["ticket_id"])
    body = {"body": said.get("title"), "public": False}
    tickets.update(world, Ticket._meta, ticket, {"comment": body})


_EXPORTS = "channels/voice/stats/incremental"
_RECORDINGS = "channels/voice/calls/{}/recordings"
ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", f"{_EXPORTS}/calls", "talk.Call"): export,
    ("GET", f"{_EXPORTS}/legs", "talk.Leg"): export,
    ("DELETE", _RECORDINGS, "talk.Call"): delete_recordings,
    ("DELETE", f"{_RECORDINGS}/{{}}", "talk.Call"): delete_recordings,
    ("POST", "calls", "talk.PartnerCall"): create,
    ("POST", "calls/{}/comments", "talk.PartnerCall"): comment,
    ("POST", "channels/voice/callback_requests", "talk.CallbackRequest"): request_callback,
}

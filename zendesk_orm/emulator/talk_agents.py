"""Talk's agents: whether they take calls, and what their browsers open.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/availabilities/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import plain, tickets
from zendesk_orm.emulator.refusals import complaint, invalid_record, not_found
from zendesk_orm.emulator.store import dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.support import Ticket, User
from zendesk_orm.talk import Agent


#: What is known of an agent of whom nothing was said.
_BEGIN: Mapping[str, Any] = {"agent_state": "offline", "call_status": None, "via": "client"}

#: What each `via_id` says of where a ticket came from.
_VIA = {44: "voicemail", 45: "inbound", 46: "outbound"}


def show(world: World, call: Call, target: Target) -> Answer:
    """Answer with the state of an agent.

    Raises:
        Refusal: the user is no agent.
    """
    return _answer(_row(world, target.places[0]))


def update(world: World, call: Call, target: Target) -> Answer:
    """Answer with the state of an agent, changed.

    Raises:
        Refusal: the user is no agent, or the state is none.
    """
    agent = target.places[0]
    given = plain.taken(Agent._meta, call.envelope("availability"))
    row = {**_row(world, agent), **given, "user_id": agent}
    for name in ("agent_state", "via"):
        if row[name] not in Agent._meta.fields[name].kind.choices:
            raise invalid_record({name: [complaint(f"{name}: is invalid", "InvalidValue")]})
    world.write(Agent._meta, row, words="")
    return _answer(row)


def open_ticket(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: a browser opens the ticket.

    Raises:
        Refusal: there is no such agent, or ticket.
    """
    agent, ticket = target.places
    _row(world, agent)
    plain.stored(world, Ticket._meta, ticket)
    return Answer()


def open_user(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: a browser opens the user's profile.

    Raises:
        Refusal: there is no such agent, or user.
    """
    agent, user = target.places
    _row(world, agent)
    plain.stored(world, User._meta, user)
    return Answer()


def create_ticket(world: World, call: Call, target: Target) -> Answer:
    """Answer with a ticket about a call of another telephone system.

    Raises:
        Refusal: it says not how it came, or is to be shown to nobody's browser.
    """
    payload = call.envelope("ticket")
    via = _VIA.get(payload.get("via_id", 0))
    if via is None:
        raise invalid_record({"via_id": [complaint("Via: is invalid", "InvalidValue")]})
    shown = call.body.get("display_to_agent")
    if shown is not None and not _is_agent(world, shown):
        told = complaint("Display to agent: is invalid", "InvalidValue")
        raise invalid_record({"display_to_agent": [told]})
    voice = payload.get("voice_comment") or {}
    said = payload.get("comment") or {
        "body": f"{via.capitalize()} from {voice.get('from')} to {voice.get('to')}"
    }
    written = tickets.create(world, Ticket._meta, {**payload, "comment": said}, {})
    stored = plain.stored(world, Ticket._meta, written.row["id"])
    source = {"from": {"phone": voice.get("from")}, "to": {"phone": voice.get("to")}, "rel": via}
    row = {**stored.doc, "via": {"channel": "voice", "source": source}}
    world.write(Ticket._meta, row, state=stored.state, words=stored.words)
    return Answer(201, dumped({"ticket": row, **written.beside}))


def _row(world: World, pk: Any) -> dict[str, Any]:
    """Return the state of an agent.

    Raises:
        Refusal: the user is no agent.
    """
    if not _is_agent(world, pk):
        raise not_found()
    return world.store.get(Agent._meta.label, pk) or {**_BEGIN, "user_id": pk}


def _is_agent(world: World, pk: Any) -> bool:
    user = world.store.get(User._meta.label, pk)
    return user is not None and user["role"] in {"agent", "admin"}


def _answer(row: Mapping[str, Any]) -> Answer:
    return Answer(text=dumped({"availability": {name: row[name] for name in _BEGIN}}))


_LABEL = "talk.Agent"
_BROWSER = "channels/voice/agents/{}"
ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "channels/voice/availabilities/{}", _LABEL): show,
    ("PUT", "channels/voice/availabilities/{}", _LABEL): update,
    ("POST", f"{_BROWSER}/tickets/{{}}/display", _LABEL): open_ticket,
    ("POST", f"{_BROWSER}/users/{{}}/display", _LABEL): open_user,
    ("POST", "channels/voice/tickets", _LABEL): create_ticket,
}

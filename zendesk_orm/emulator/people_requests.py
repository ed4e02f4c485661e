"""Requests: tickets as those see them who ask, kept nowhere but as tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-requests/
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator import grammar, plain, reads, tickets
from zendesk_orm.emulator.belonging import belonging
from zendesk_orm.emulator.paging import number, page
from zendesk_orm.emulator.refusals import complaint, invalid_record, not_found
from zendesk_orm.emulator.search import matching
from zendesk_orm.emulator.store import DELETED, Stored, Where, dumped, value_of
from zendesk_orm.emulator.world import HOME, Answer, Call, Target, World
from zendesk_orm.support import Comment, Request, Ticket, User


_TICKET, _REQUEST, _COMMENT = "support.Ticket", "support.Request", "support.RequestComment"
_TOLD = [
    each.wire
    for each in Request._meta.fields.values()
    if each.readable and each.wire in {field.wire for field in Ticket._meta.fields.values()}
]
#: What of a request is said when it is made.
_SAID = (
    "collaborators",
    "comment",
    "custom_fields",
    "due_at",
    "priority",
    "recipient",
    "subject",
    "ticket_form_id",
    "type",
    "via_followup_source_id",
)
_PUBLIC = Where(f"state < ? AND {value_of('is_public')} = 1", (DELETED,))
_OPEN, _SOLVED = ("new", "open", "pending", "hold"), ("solved", "closed")

Handler = Callable[[World, Call, Target], Answer]


def list_rows(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of the requests of whoever is asking."""
    return _page(world, call, target, _mine(world))


def list_open(world: World, call: Call, target: Target) -> Answer:
    """Answer with those that are not solved yet."""
    return _page(world, call, target, _mine(world) & _status(_OPEN))


def list_solved(world: World, call: Call, target: Target) -> Answer:
    """Answer with those that are."""
    return _page(world, call, target, _mine(world) & _status(_SOLVED))


def list_copied(world: World, call: Call, target: Target) -> Answer:
    """Answer with those of others that whoever is asking is copied in on."""
    return _page(world, call, target, belonging(world, Ticket._meta, "cc", world.author))


def list_below(world: World, call: Call, target: Target) -> Answer:
    """Answer with those of a user, or of an organization."""
    ((name, value),) = target.values.items()
    return _page(world, call, target, belonging(world, Ticket._meta, name, value))


def search(world: World, call: Call, target: Target) -> Answer:
    """Answer with those of one's own that a query finds."""
    searches = tuple(each for each in Ticket._meta.api if each.verb is Verb.SEARCH)
    of_tickets = evolve(target, meta=Ticket._meta, endpoints=searches)
    where = _mine(world)
    if call.params.get("query"):
        where &= matching(world, of_tickets, grammar.read(call.params["query"]))
    if call.params.get("organization_id"):
        pk = number(call, "organization_id")
        where &= Where(f"{value_of('organization_id')} = ?", (pk,))
    if call.params.get("status"):
        where &= _status(tuple(call.params["status"].split(",")))
    return _page(world, call, target, where)


def show(world: World, call: Call, target: Target) -> Answer:
    """Answer with one request.

    Raises:
        Refusal: it is not there, or nothing that whoever is asking may see.
    """
    return _answer(_seen(world, target.places[0]).doc)


def create(world: World, call: Call, target: Target) -> Answer:
    """Answer with the request that was made; whoever is nobody says who asks.

    Raises:
        Refusal: it says nothing, or breaks a rule.
    """
    payload = call.envelope("request")
    said = {name: payload[name] for name in _SAID if name in payload}
    if isinstance(payload.get("requester"), Mapping):
        said["requester"] = payload["requester"]
    else:
        said["requester_id"] = world.author
    row = tickets.create(world, Ticket._meta, said, {}).row
    return evolve(_answer(row), status=201, headers={"Location": _url(row)})


def update(world: World, call: Call, target: Target) -> Answer:
    """Answer with the request after a comment, or after it was solved.

    Raises:
        Refusal: it is closed, or cannot be solved by whoever is asking.
    """
    stored, payload = _seen(world, target.places[0]), call.envelope("request")
    said: dict[str, Any] = {}
    if payload.get("comment"):
        said["comment"] = {**_comment(payload["comment"]), "public": True}
        said |= {"status": "open"} if stored.doc["status"] in ("pending", "solved") else {}
    if payload.get("additional_collaborators"):
        said["additional_collaborators"] = payload["additional_collaborators"]
    if str(payload.get("solved", "")).lower() == "true":
        if not _solvable(stored.doc):
            text = "Status: the request cannot be solved before an agent has it"
            raise invalid_record({"status": [complaint(text, "InvalidValue")]})
        said["status"] = "solved"
    return _answer(tickets.update(world, Ticket._meta, stored, said).row)


def list_comments(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of the public comments on a request."""
    pk = _seen(world, target.places[0]).id
    where = _said_publicly(pk)
    if call.params.get("since"):
        where &= Where(f"{value_of('created_at')} >= ?", (call.params["since"],))
    if call.params.get("role"):
        sign = "=" if call.params["role"] == "end_user" else "!="
        where &= Where(
            f"{value_of('author_id')} IN (SELECT id FROM rows WHERE kind = ? "  # noqa: S608 - values are question marks
            f"AND {value_of('role')} {sign} 'end-user')",
            (User._meta.label,),
        )
    found = page(world, call, evolve(target, meta=Comment._meta), where)
    return Answer(text=reads.listing(target, found.texts, "", found.about))


def show_comment(world: World, call: Call, target: Target) -> Answer:
    """Answer with one public comment on a request.

    Raises:
        Refusal: there is none.
    """
    request, pk = target.places
    _seen(world, request)
    where = _said_publicly(request) & Where("id = ?", (pk,))
    found = world.store.docs(Comment._meta.label, where)
    if not found:
        raise not_found()
    return Answer(text=dumped({"comment": found[0]}))


def _page(world: World, call: Call, target: Target, where: Where) -> Answer:
    found = page(world, call, evolve(target, meta=Ticket._meta), _PUBLIC & where)
    rows = (dumped(_told(json.loads(text))) for text in found.texts)
    return Answer(text=reads.listing(target, rows, "", found.about))


def _mine(world: World) -> Where:
    return Where(f"{value_of('requester_id')} = ?", (world.author,))


def _status(wanted: tuple[str, ...]) -> Where:
    return Where(f"{value_of('status')} IN ({', '.join('?' * len(wanted))})", wanted)


def _said_publicly(ticket: Any) -> Where:
    return Where(f"parent = ? AND {value_of('public')} = 1", (ticket,))


def _seen(world: World, pk: Any) -> Stored:
    """Return the ticket of a request that whoever is asking may see."""
    stored = plain.stored(world, Ticket._meta, pk)
    row = stored.doc
    people = (row["requester_id"], *row["collaborator_ids"], *row["email_cc_ids"])
    asking = plain.stored(world, User._meta, world.author).doc
    if not row["is_public"] or (world.author not in people and asking["role"] == "end-user"):
        raise not_found()
    return stored


def _comment(value: Any) -> dict[str, Any]:
    return {"body": value} if isinstance(value, str) else dict(value)


def _solvable(ticket: Mapping[str, Any]) -> bool:
    had = ticket["assignee_id"] is not None and ticket["type"] != "problem"
    return had and ticket["status"] in _OPEN


def _told(ticket: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a ticket is to those who ask."""
    told = {wire: ticket.get(wire) for wire in _TOLD}
    source = ticket["via"].get("source", {})
    rest = {
        "url": _url(ticket),
        "solved": ticket["status"] in _SOLVED,
        "can_be_solved_by_me": _solvable(ticket),
        "followup_source_id": (source.get("from") or {}).get("ticket_id"),
    }
    return {**told, **rest}


def _url(ticket: Mapping[str, Any]) -> str:
    return f"{HOME}/api/v2/requests/{ticket['id']}.json"


def _answer(ticket: Mapping[str, Any]) -> Answer:
    return Answer(text=dumped({"request": _told(ticket)}))


ROUTES: Mapping[tuple[str, str, str], Handler] = {
    ("GET", "requests", _REQUEST): list_rows,
    ("GET", "requests/open", _REQUEST): list_open,
    ("GET", "requests/solved", _REQUEST): list_solved,
    ("GET", "requests/ccd", _REQUEST): list_copied,
    ("GET", "requests/search", _REQUEST): search,
    ("GET", "users/{}/requests", _REQUEST): list_below,
    ("GET", "organizations/{}/requests", _REQUEST): list_below,
    ("GET", "requests/{}", _REQUEST): show,
    ("POST", "requests", _REQUEST): create,
    ("PUT", "requests/{}", _REQUEST): update,
    ("GET", "requests/{}/comments", _COMMENT): list_comments,
    ("GET", "requests/{}/comments/{}", _COMMENT): show_comment,
}

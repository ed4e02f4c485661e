"""Approval requests, of which a ticket has one at a time.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/approval_requests/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import plain, reads
from zendesk_orm.emulator.paging import link, number
from zendesk_orm.emulator.refusals import UNCONFIRMED, Refusal
from zendesk_orm.emulator.store import DELETED, Where, dumped, value_of
from zendesk_orm.emulator.templates import blank
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.support import ApprovalRequest, Group, Ticket, User


_META = ApprovalRequest._meta
#: Rows to a page.
_PAGE = 100
_REQUIRED = ("subject", "message", "ticket_id")
#: What keeps a ticket from having another one.
_IN_THE_WAY = ("active", "approved", "rejected")
#: What the list can be asked, and where a row has it.
_FILTERS = {
    "filter[status]": "status",
    "filter[assignee_user_id]": "assignee_user.id",
    "filter[assignee_group_id]": "assignee_group.id",
}
#: What is told of a new request, in its order.
_NEW = (
    "id",
    "ticket_id",
    "subject",
    "message",
    "status",
    "origination_type",
    "created_at",
)

Handler = Callable[[World, Call, Target], Answer]


def create(world: World, call: Call, target: Target) -> Answer:
    """Answer with the request that was made, with ids where the list has names.

    Raises:
        Refusal: it does not say enough, or the ticket has one.
    """
    given = call.body
    for name in _REQUIRED:
        if not given.get(name):
            raise _refused(f"{name} is required")
    ticket = plain.stored(world, Ticket._meta, given["ticket_id"]).id
    before = world.store.find(_META.label, "ticket_id", ticket)
    if any(each["status"] in _IN_THE_WAY for each in before):
        raise _refused("one active, approved, or denied request already exists")
    row = blank(_META)
    for name in ("assignee_user_id", "assignee_group_id", "created_by_id"):
        row.pop(name)
    row |= {name: given[name] for name in _REQUIRED}
    row |= {"status": "active", "origination_type": "API_ORIGINATION"}
    row |= {
        "assignee_user": _named(world, User._meta.label, given.get("assignee_user_id")),
        "assignee_group": _named(world, Group._meta.label, given.get("assignee_group_id")),
        "created_by_user": _named(world, User._meta.label, world.author),
    }
    plain.begin(world, _META, row)
    world.write(_META, row)
    told = {name: row[name] for name in _NEW}
    told |= {name: given.get(name) for name in ("assignee_user_id", "assignee_group_id")}
    return Answer(201, dumped({"approval_request": {**told, "created_by_id": world.author}}))


def list_rows(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of requests, the newest first."""
    where = Where("state < ?", (DELETED,))
    for parameter, wire in _FILTERS.items():
        wanted = call.ids(parameter)
        if wanted:
            where &= reads.among(f"json_extract(doc, '$.{wire}')", wanted)
    start = number(call, "after_cursor")
    order = f"{value_of('created_at')} DESC, id DESC"
    found = world.store.texts(_META.label, where, order, most=_PAGE + 1, skip=start)
    more, after = len(found) > _PAGE, str(start + _PAGE)
    meta = {"has_more": more, "after_cursor": after if more else None, "before_cursor": None}
    links = {"next": link(call, {"after_cursor": after}) if more else None, "prev": None}
    texts = [row[0] for row in found[:_PAGE]]
    return Answer(text=reads.listing(target, texts, "", {"meta": meta, "links": links}))


def _named(world: World, label: str, pk: Any) -> dict[str, Any] | None:
    if pk is None:
        return None
    found = world.store.get(label, pk)
    if found is None:
        raise _refused("the assignee was not found")
    return {"id": pk, "name": found["name"]}


def _refused(why: str) -> Refusal:
    title = f"Approval request couldn't be sent because {why}"
    return Refusal(
        422, {"errors": [{"code": "ApprovalRequestCreationFailed", "title": title}]}, UNCONFIRMED
    )


ROUTES: Mapping[tuple[str, str, str], Handler] = {
    ("GET", "approval_requests", _META.label): list_rows,
    ("POST", "approval_requests", _META.label): create,
}
